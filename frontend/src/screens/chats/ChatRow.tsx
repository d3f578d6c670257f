/** One chat in the list: who, when, the last words, and what of it is unread, unsent or being written. */
import { memo, type ReactNode } from "react";
import { useValue } from "../../model/hooks.tsx";
import type { ChatRow as Chat, ChatKind, ShownMessage } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { classes } from "../../ui/classes.ts";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { briefTime, fullTime } from "../../ui/times.ts";
import { Link } from "../Link.tsx";

export const ICONS: Readonly<Record<ChatKind, IconName | undefined>> = {
  direct: undefined,
  group: "group",
  channel: "channel",
};

interface ChatRowProps {
  readonly chat: Chat;
  readonly isOpen: boolean;
  /** Whether Tab stops here. */
  readonly isStop: boolean;
}

export const ChatRow = memo(function ChatRow({ chat, isOpen, isStop }: ChatRowProps): ReactNode {
  const isConnected = useValue((state) => state.connection.state === "online");
  const online = isConnected && (chat.presence?.online ?? false); // unknown without a connection
  return (
    <li>
      <Link
        aria-current={isOpen ? "page" : undefined}
        className={classes("chat-row", chat.unread > 0 && "chat-row-unread")}
        data-roving=""
        tabIndex={isStop ? 0 : -1}
        to={{ screen: "chat", chatId: chat.chatId, panel: null }}
      >
        <Avatar
          icon={ICONS[chat.kind]}
          id={chat.other?.userId ?? chat.chatId}
          name={chat.title}
          online={online}
        />
        <span className="chat-row-body">
          <span className="chat-row-line">
            <bdi className="chat-row-title">{chat.title}</bdi>
            {online && <span className="visually-hidden">, online, </span>}
            {chat.mutedUntil !== null && (
              <span className="chat-row-muted">
                <Icon name="bellOff" size={14} />
                <span className="visually-hidden">muted</span>
              </span>
            )}
            {chat.lastAt > 0 && (
              <time dateTime={new Date(chat.lastAt).toISOString()} title={fullTime(chat.lastAt)}>
                {briefTime(chat.lastAt)}
              </time>
            )}
          </span>
          <span className="chat-row-line">
            <span className="chat-row-preview">
              <Preview chat={chat} />
            </span>
            <Count chat={chat} />
          </span>
        </span>
      </Link>
    </li>
  );
});

function Count({ chat }: { readonly chat: Chat }): ReactNode {
  if (chat.refused > 0) {
    return (
      <span className="chat-row-refused">
        <Icon name="warning" size={16} />
        <span className="visually-hidden">{chat.refused} not sent</span>
      </span>
    );
  }
  return (
    chat.unread > 0 && (
      <span className={classes("badge", chat.mutedUntil !== null && "badge-quiet")}>
        {chat.unread > 999 ? "999+" : chat.unread}
        <span className="visually-hidden"> unread</span>
      </span>
    )
  );
}

function Preview({ chat }: { readonly chat: Chat }): ReactNode {
  const people = useValue((state) => state.people);
  if (chat.writing.length > 0) {
    return <em className="chat-row-writing">writing…</em>;
  }
  if (chat.draft) {
    return (
      <>
        <em className="chat-row-draft">Draft:</em> <bdi>{chat.draft}</bdi>
      </>
    );
  }
  const last = chat.lastMessage;
  if (last === null) {
    return "No messages yet";
  }
  const sender = people[last.senderId];
  const who = last.mine ? "You" : chat.kind === "direct" ? "" : sender ? nameOf(sender) : UNKNOWN_NAME;
  return (
    <>
      {who && (
        <>
          <bdi>{who}</bdi>:{" "}
        </>
      )}
      <bdi>{summaryOf(last)}</bdi>
    </>
  );
}

/** A message in one line: its words, else what its file is. */
export function summaryOf(message: Pick<ShownMessage, "deleted" | "text" | "attachment">): string {
  if (message.deleted) {
    return "Message deleted";
  }
  if (message.text) {
    return message.text.slice(0, 200).replaceAll(/\s+/g, " ");
  }
  const kind = message.attachment?.contentType.split("/")[0];
  const names: Readonly<Record<string, string>> = { image: "Photo", video: "Video", audio: "Sound" };
  return names[kind ?? ""] ?? message.attachment?.name ?? "";
}
