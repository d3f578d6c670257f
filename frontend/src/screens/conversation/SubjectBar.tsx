/** Above the field: which message is replied to or edited. */
import type { ReactNode } from "react";
import { useValue } from "../../model/hooks.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { isolated, nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { summaryOf } from "../chats/ChatRow.tsx";
import type { Subject } from "./Conversation.tsx";

interface SubjectBarProps {
  readonly subject: Subject;
  readonly onClose: () => void;
}

export function SubjectBar({ subject, onClose }: SubjectBarProps): ReactNode {
  const { kind, message } = subject;
  const sender = useValue((state) => state.people[message.senderId]);
  const who = message.mine ? "yourself" : sender ? isolated(nameOf(sender)) : UNKNOWN_NAME;
  return (
    <div className="subject">
      <Icon name={kind} size={18} />
      <div className="subject-what">
        <b>{kind === "edit" ? "Edit message" : `Reply to ${who}`}</b>
        <bdi>{summaryOf(message)}</bdi>
      </div>
      <IconButton
        icon="close"
        label={kind === "edit" ? "Do not edit" : "Do not reply"}
        onClick={onClose}
        small
      />
    </div>
  );
}
