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
    const seen = messages.slice(0, last + 1).findLast((message) => message.seq !== null);
    if (isLookedAt && seen?.seq) {
      actions.markRead(seen.seq);
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
