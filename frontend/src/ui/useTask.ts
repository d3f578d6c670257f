/** Something that takes a while and may fail: whether it runs, and what to tell of a failure. */
import { useCallback, useState } from "react";

export interface Task {
  readonly busy: boolean;
  /** The sentence to show; empty for none. */
  readonly problem: string;
  /** Runs `work`, then `done` with its result; a failure becomes `problem`. A second run while one is on is ignored. */
  readonly run: <Result>(work: () => Promise<Result>, done?: (result: Result) => void) => Promise<void>;
  readonly fail: (problem: string) => void;
}

export function useTask(): Task {
  const [state, setState] = useState({ busy: false, problem: "" });

  const run = useCallback(async <Result>(work: () => Promise<Result>, done?: (result: Result) => void) => {
    setState({ busy: true, problem: "" });
    try {
      const result = await work();
      setState({ busy: false, problem: "" });
      done?.(result);
    } catch (error) {
      setState({ busy: false, problem: sentenceOf(error) });
    }
  }, []);

  const fail = useCallback((problem: string) => setState({ busy: false, problem }), []);
  return { ...state, run, fail };
}

/** What to show of an error: the model's errors are sentences for people. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "That did not work. Try again.";
}
