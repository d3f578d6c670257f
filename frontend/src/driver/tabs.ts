/** The tabs of this browser: one of them holds the connection, all of them hear what it hears. */
import type { Said, Wish } from "./records.ts";

type Listener = { readonly said?: (said: Said) => void; readonly wished?: (wish: Wish) => void };

/** What tabs say to each other; whoever says something hears it too. */
export class Tabs {
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<Listener>();

  constructor(name = "parley") {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Said | Wish>) => this.#hear(data);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  say(said: Said): void {
    this.#post(said);
  }

  wish(wish: Wish): void {
    this.#post(wish);
  }

  close(): void {
    this.#channel.close();
    this.#listeners.clear();
  }

  #post(message: Said | Wish): void {
    this.#channel.postMessage(message);
    this.#hear(message);
  }

  #hear(message: Said | Wish): void {
    for (const listener of this.#listeners) {
      if ("wish" in message) {
        listener.wished?.(message);
      } else {
        listener.said?.(message);
      }
    }
  }
}

/**
 * Leads in one tab at a time, in this one as soon as the tab before it has closed: starts what the leader runs, and
 * lets the next tab lead once that has stopped. Returns what ends it.
 */
export function whileLeading(start: () => Promise<{ stop(): Promise<void> }>, name = "parley"): () => void {
  const end = new AbortController();
  const lead = async () => {
    const running = await start();
    await aborted(end.signal);
    await running.stop();
  };
  navigator.locks.request(name, { signal: end.signal }, lead).catch((fault: unknown) => {
    if (!end.signal.aborted) {
      throw fault;
    }
  });
  return () => end.abort();
}

/** Does something while no tab leads, once whoever leads now has let go. */
export async function whenNobodyLeads(work: () => Promise<void>, name = "parley"): Promise<void> {
  await navigator.locks.request(name, work);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) {
      done();
    }
    signal.addEventListener("abort", () => done(), { once: true });
  });
}
