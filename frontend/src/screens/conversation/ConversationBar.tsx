/** The head of a chat: who it is with, what they are doing, and the ways to its search and its details. */
import type { ReactNode } from "react";
import { useValue } from "../../model/hooks.tsx";
import type { ChatRow, Conversation } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { isolated, listNames, nameOf } from "../../ui/names.ts";
import { lastSeen } from "../../ui/times.ts";
import { ICONS } from "../chats/ChatRow.tsx";
import { Link } from "../Link.tsx";
import { go } from "../routes.ts";
import "./ConversationBar.css";

interface ConversationBarProps {
  readonly chat: ChatRow;
  readonly conversation: Conversation;
  readonly panel: "details" | "search" | null;
}

export function ConversationBar({ chat, conversation, panel }: ConversationBarProps): ReactNode {
  const isConnected = useValue((state) => state.connection.state === "online");
  const toggle = (which: "details" | "search") =>
    go({ screen: "chat", chatId: chat.chatId, panel: panel === which ? null : which });

  return (
    <header className="bar conversation-bar">
      <IconButton
        className="only-phone"
        icon="back"
        label="Back to your chats"
        onClick={() => go({ screen: "chats" })}
      />
      <Link
        className="conversation-who"
        to={{ screen: "chat", chatId: chat.chatId, panel: panel === "details" ? null : "details" }}
      >
        <Avatar
          icon={ICONS[chat.kind]}
          id={chat.other?.userId ?? chat.chatId}
          name={chat.title}
          online={isConnected && chat.presence?.online}
          size="small"
        />
        <span className="conversation-names">
          <h2>
            <bdi>{chat.title}</bdi>
          </h2>
          <span className="conversation-state">
            <State chat={chat} conversation={conversation} />
          </span>
        </span>
      </Link>
      <IconButton
        aria-pressed={panel === "search"}
        icon="search"
        label="Search this chat"
        onClick={() => toggle("search")}
        shortcut="Ctrl F"
      />
      <IconButton
        aria-pressed={panel === "details"}
        icon="info"
        label="About this chat"
        onClick={() => toggle("details")}
      />
    </header>
  );
}

function State({
  chat,
  conversation,
}: {
  readonly chat: ChatRow;
  readonly conversation: Conversation;
}): ReactNode {
  const people = useValue((state) => state.people);
  const isConnected = useValue((state) => state.connection.state === "online");
  if (chat.writing.length > 0) {
    const names = chat.writing.flatMap((userId) => people[userId] ?? []).map(nameOf);
    return (
      <em className="conversation-writing">
        {chat.kind === "direct" || names.length === 0
          ? "writing…"
          : `${listNames(names.map(isolated))} writing…`}
      </em>
    );
  }
  if (chat.kind === "direct") {
    if (conversation.blocked) {
      return "blocked";
    }
    if (!isConnected) {
      return `@${chat.other?.username ?? ""}`; // whether they are online is not known now
    }
    const seen = chat.presence?.lastSeen ?? null;
    return chat.presence?.online ? "online" : seen === null ? "offline" : `last seen ${lastSeen(seen)}`;
  }
  if (chat.kind === "channel") {
    return conversation.may.write ? "channel" : "channel · only its admins write";
  }
  const count = conversation.members?.length;
  const online = conversation.members?.filter((member) => member.presence?.online).length ?? 0;
  return count === undefined ? "group" : `${count} members${online > 0 ? ` · ${online} online` : ""}`;
}
