/** Where a file of a chat can be read: on this device, or by a link that the service gives for some minutes. */
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { ShownAttachment } from "../../model/state.ts";
import { sentenceOf } from "../../ui/useTask.ts";

export interface Media {
  /** Null until it is known. */
  readonly url: string | null;
  readonly problem: string;
  /** The link opened nothing: it may have ended, so another is asked for, once. */
  readonly failed: () => void;
  readonly again: () => void;
}

export function useMedia(chatId: string, { mediaId, preview }: ShownAttachment): Media {
  const actions = useActions();
  const [link, setLink] = useState<{ url: string | null; problem: string }>({ url: null, problem: "" });
  const [turn, setTurn] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks again
  useEffect(() => {
    if (preview !== null || mediaId === null) {
      return;
    }
    let isWanted = true;
    actions.mediaUrl(chatId, mediaId).then(
      (url) => isWanted && setLink({ url, problem: "" }),
      (error) => isWanted && setLink({ url: null, problem: sentenceOf(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [actions, chatId, mediaId, preview, turn]);

  const again = useCallback(() => setTurn((now) => now + 1), []);
  const failed = useCallback(() => {
    if (turn === 0) {
      setTurn(1);
    } else {
      setLink({ url: null, problem: "The file could not be loaded." });
    }
  }, [turn]);
  return { url: preview ?? link.url, problem: preview === null ? link.problem : "", failed, again };
}
