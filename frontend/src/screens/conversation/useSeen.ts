/** Tells the model what has been seen: what stands in the window while somebody looks at it. */
import type { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { ShownMessage } from "../../model/state.ts";

type List = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

export function useSeen(virtualizer: List, messages: readonly ShownMessage[]): void {
  const actions = useActions();
  const last = virtualizer.range?.endIndex ?? -1;

  const tell = useCallback(() => {
    const isLookedAt = document.visibilityState === "visible" && document.hasFocus();
    let index = last; // what is still to be sent has no number: look before it
    while (index >= 0 && messages[index]?.seq === null) {
      index -= 1;
    }
    const seq = messages[index]?.seq ?? null;
    if (isLookedAt && seq !== null) {
      actions.markRead(seq);
    }
  }, [actions, last, messages]);

  useEffect(() => {
    tell();
    window.addEventListener("focus", tell);
    document.addEventListener("visibilitychange", tell);
    return () => {
      window.removeEventListener("focus", tell);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [tell]);
}
