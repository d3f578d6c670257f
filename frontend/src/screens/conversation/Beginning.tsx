/** What stands above a chat's first message. */
import type { ReactNode } from "react";
import type { ChatRow } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { ICONS } from "../chats/ChatRow.tsx";

export function Beginning({ chat }: { readonly chat: ChatRow }): ReactNode {
  return (
    <div className="beginning">
      <Avatar icon={ICONS[chat.kind]} id={chat.other?.userId ?? chat.chatId} name={chat.title} size="large" />
      <p>
        <bdi>{chat.title}</bdi>
      </p>
      <p className="beginning-text">
        {chat.kind === "direct" ? "This is the beginning of your chat." : "This is where you came in."}
      </p>
    </div>
  );
}
