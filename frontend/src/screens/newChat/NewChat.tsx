/** Begins a chat: with one, with several, or with whoever joins. */
import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "../../ui/Button.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { Link } from "../Link.tsx";
import { go, type NewChatKind } from "../routes.ts";
import { ChannelForm } from "./ChannelForm.tsx";
import { DirectForm } from "./DirectForm.tsx";
import { FindChannels } from "./FindChannels.tsx";
import { GroupForm } from "./GroupForm.tsx";
import "./NewChat.css";

const CHOICES: readonly (readonly [NewChatKind, IconName, string, string])[] = [
  ["direct", "person", "Direct chat", "Between you and one other."],
  ["group", "group", "Group", "For up to 256 people whom you choose."],
  ["channel", "channel", "Channel", "You write, whoever joins reads."],
];

const TITLES: Readonly<Record<NewChatKind, string>> = {
  direct: "New direct chat",
  group: "New group",
  channel: "New channel",
};

export default function NewChat({ kind }: { readonly kind: NewChatKind | null }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A form whose first field takes the focus keeps it.
    if (!heading.current?.closest(".page")?.contains(document.activeElement)) {
      heading.current?.focus();
    }
  }, []);
  return (
    <div className="page">
      <header className="bar">
        <IconButton
          icon="back"
          label="Back"
          onClick={() => go(kind === null ? { screen: "chats" } : { screen: "new", kind: null })}
          shortcut="Esc"
        />
        <h2 className="bar-title" ref={heading} tabIndex={-1}>
          {kind === null ? "New chat" : TITLES[kind]}
        </h2>
      </header>
      <div className="page-body">
        <div className="page-column">
          {kind === null && <Choices />}
          {kind === "direct" && <DirectForm />}
          {kind === "group" && <GroupForm />}
          {kind === "channel" && <ChannelForm />}
        </div>
      </div>
    </div>
  );
}

function Choices(): ReactNode {
  return (
    <>
      <ul className="choices">
        {CHOICES.map(([kind, icon, name, what]) => (
          <li key={kind}>
            <Link className="choice-card" to={{ screen: "new", kind }}>
              <span className="notice-icon">
                <Icon name={icon} size={24} />
              </span>
              <span className="choice-words">
                <b>{name}</b>
                <span>{what}</span>
              </span>
              <Icon name="forward" />
            </Link>
          </li>
        ))}
      </ul>
      <FindChannels />
    </>
  );
}
