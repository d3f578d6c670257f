/** Lists in which Tab stops once and the arrow keys move: one entry holds the focus's place. */
import { type KeyboardEvent, type RefObject, useCallback } from "react";

const ENTRY = "[data-roving]";

/** Handles the arrow keys, Home and End of a list whose entries carry `data-roving`. */
export function useRovingFocus(list: RefObject<HTMLElement | null>): (event: KeyboardEvent) => void {
  return useCallback(
    (event) => {
      const steps: Readonly<Record<string, number>> = {
        ArrowDown: 1,
        ArrowUp: -1,
        Home: -Infinity,
        End: Infinity,
      };
      const step = steps[event.key];
      const entries = list.current ? [...list.current.querySelectorAll<HTMLElement>(ENTRY)] : [];
      const index = entries.findIndex((entry) => entry.contains(event.target as Node));
      if (step === undefined || index < 0) {
        return;
      }
      event.preventDefault();
      const next = Math.max(0, Math.min(entries.length - 1, index + step));
      entries[next]?.focus();
    },
    [list],
  );
}
