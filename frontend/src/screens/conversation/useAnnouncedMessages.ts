/** Has screen readers say what others write in the open chat, when it comes. */
import { useEffect, useRef } from "react";
import type { Conversation, ModelState } from "../../model/state.ts";
import { useAnnounce } from "../../ui/Announcer.tsx";
import { nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { summaryOf } from "../chats/ChatRow.tsx";

export function useAnnouncedMessages(
  { messages, lastSeq }: Conversation,
  people: ModelState["people"],
): void {
  const announce = useAnnounce();
  const said = useRef(lastSeq);
  useEffect(() => {
    const fresh = messages.filter((message) => message.seq !== null && message.seq > said.current);
    const last = fresh.at(-1);
    said.current = Math.max(said.current, last?.seq ?? 0);
    const theirs = fresh.filter((message) => !message.mine && !message.deleted);
    if (theirs.length > 3) {
      announce(`${theirs.length} new messages`);
    } else if (theirs.length > 0) {
      const lines = theirs.map((message) => {
        const sender = people[message.senderId];
        return `${sender ? nameOf(sender) : UNKNOWN_NAME}: ${summaryOf(message)}`;
      });
      announce(lines.join(". "));
    }
  }, [announce, messages, people]);
}
