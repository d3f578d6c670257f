/** Sends the list of messages to one of them, and says whether it is on its way. */
import type { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useState } from "react";
import type { ShownMessage } from "../../model/state.ts";

type List = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

type Align = "center" | "auto" | "end";

/** So long, in ms, the list takes to come to rest where it was sent; it must not grow meanwhile. */
export const REST = 150;
/** So long, in ms, it may take to get there, where frames are late; after that one has scrolled elsewhere. */
const WAY = 5_000;

/**
 * Whether the list is on its way to a message, and what sends it there. The message keeps its way by its id:
 * earlier ones that come meanwhile, asked for before, give it another index.
 */
export function useScrollTo(
  virtualizer: List,
  messages: readonly ShownMessage[],
  rows: readonly { readonly index: number }[],
): [boolean, (index: number, align: Align) => void] {
  const [target, setTarget] = useState<{ readonly id: string; readonly align: Align } | null>(null);
  const scrollTo = useCallback(
    (index: number, align: Align) => {
      const message = messages[index];
      if (message !== undefined) {
        setTarget({ id: message.id, align });
      }
    },
    [messages],
  );
  const at = target === null ? -1 : messages.findIndex(({ id }) => id === target.id);
  useLayoutEffect(() => {
    if (target !== null && at >= 0) {
      virtualizer.scrollToIndex(at, { align: target.align });
    }
  }, [virtualizer, target, at]);
  const isThere = rows.some(({ index }) => index === at);
  useEffect(() => {
    if (target === null) {
      return;
    }
    const timer = setTimeout(() => setTarget(null), isThere ? REST : WAY);
    return () => clearTimeout(timer);
  }, [target, isThere]);
  return [target !== null, scrollTo];
}
