/** About a chat: who or what it is, its notifications, who is in it, and the ways out of it. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { ChatRow, Conversation } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Confirm.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { isolated } from "../../ui/names.ts";
import { lastSeen } from "../../ui/times.ts";
import { ICONS } from "../chats/ChatRow.tsx";
import { go } from "../routes.ts";
import { Members } from "./Members.tsx";
import { Mute } from "./Mute.tsx";
import { Rename } from "./Rename.tsx";
import { useProfile } from "./useProfile.ts";
import "./Details.css";

interface DetailsProps {
  readonly chat: ChatRow;
  readonly conversation: Conversation;
}

export default function Details({ chat, conversation }: DetailsProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <header className="bar">
        <IconButton
          icon="close"
          label="Close"
          onClick={() => go({ screen: "chat", chatId: chat.chatId, panel: null })}
          shortcut="Esc"
        />
        <h2 className="bar-title" ref={heading} tabIndex={-1}>
          About this {chat.kind === "direct" ? "chat" : chat.kind}
        </h2>
      </header>
      <div className="panel-body details">
        <Who chat={chat} conversation={conversation} />
        <Mute chat={chat} />
        {chat.kind !== "direct" && <Members chat={chat} conversation={conversation} />}
        <WaysOut chat={chat} conversation={conversation} />
      </div>
    </>
  );
}

function Who({ chat, conversation }: DetailsProps): ReactNode {
  const profile = useProfile(chat.other);
  const seen = chat.presence?.lastSeen ?? null;
  return (
    <div className="who">
      <Avatar
        icon={ICONS[chat.kind]}
        id={chat.other?.userId ?? chat.chatId}
        name={chat.title}
        online={chat.presence?.online}
        size="huge"
      />
      {conversation.may.rename ? (
        <Rename chat={chat} />
      ) : (
        <p className="who-name">
          <bdi>{chat.title}</bdi>
        </p>
      )}
      {chat.other && <p className="who-more">@{chat.other.username}</p>}
      {chat.kind === "direct" && chat.presence && (
        <p className="who-more">
          {chat.presence.online ? "online" : seen === null ? "offline" : `last seen ${lastSeen(seen)}`}
        </p>
      )}
      {profile?.about && (
        <p className="who-about">
          <bdi>{profile.about}</bdi>
        </p>
      )}
    </div>
  );
}

function WaysOut({ chat, conversation }: DetailsProps): ReactNode {
  const actions = useActions();
  const [asked, setAsked] = useState<"leave" | "block" | null>(null);
  const other = chat.other;
  const title = isolated(chat.title);
  const close = () => setAsked(null);
  return (
    <div className="details-list">
      {other && conversation.blocked && (
        <Row icon="block" label="Lift the block" onClick={() => setAsked("block")} />
      )}
      {other && !conversation.blocked && (
        <Row danger icon="block" label="Block" onClick={() => setAsked("block")} />
      )}
      {conversation.may.leave && (
        <Row danger icon="leave" label={`Leave this ${chat.kind}`} onClick={() => setAsked("leave")} />
      )}
      {asked === "block" && other && (
        <Confirm
          action={conversation.blocked ? "Lift the block" : "Block"}
          kind={conversation.blocked ? "primary" : "danger"}
          onClose={close}
          onConfirm={() =>
            conversation.blocked ? actions.unblock(other.userId) : actions.block(other.userId)
          }
          title={conversation.blocked ? `Lift the block of ${title}?` : `Block ${title}?`}
        >
          {conversation.blocked
            ? "You can write to each other again."
            : "Neither of you can write to the other here or see whether the other is online. They are not told. What was written stays."}
        </Confirm>
      )}
      {asked === "leave" && (
        <Confirm
          action="Leave"
          onClose={close}
          onConfirm={async () => {
            await actions.leaveChat(chat.chatId);
            go({ screen: "chats" }, { replace: true });
          }}
          title={`Leave ${title}?`}
        >
          {chat.kind === "group"
            ? "You can come back only when somebody adds you."
            : "You can join again at any time."}
        </Confirm>
      )}
    </div>
  );
}

interface RowProps {
  readonly icon: IconName;
  readonly label: string;
  readonly danger?: boolean;
  readonly onClick: () => void;
}

function Row({ icon, label, danger, onClick }: RowProps): ReactNode {
  return (
    <button className={danger ? "details-row details-danger" : "details-row"} onClick={onClick} type="button">
      <Icon name={icon} />
      {label}
    </button>
  );
}
