/** One message in its row: the day above it, who says it, the bubble, and what can be done with it. */
import { type KeyboardEvent, memo, type ReactNode, useRef, useState } from "react";
import type { MessageState } from "../../model/model.ts";
import type { ChatKind, Permissions, ShownMessage } from "../../model/state.ts";
import { Avatar, hueOf } from "../../ui/Avatar.tsx";
import { classes } from "../../ui/classes.ts";
import { dayName } from "../../ui/times.ts";
import { Bubble } from "./Bubble.tsx";
import { MessageActions, type MessageActionsHandle } from "./MessageActions.tsx";
import "./MessageRow.css";

/** What a row asks of the conversation. */
export interface RowActions {
  readonly reply: (message: ShownMessage) => void;
  readonly edit: (message: ShownMessage) => void;
}

export interface MessageRowProps {
  readonly chatId: string;
  readonly kind: ChatKind;
  readonly message: ShownMessage;
  readonly senderName: string;
  /** How far it has got, of one's own. */
  readonly state: MessageState | null;
  /** The message that it replies to; null where one sees none, undefined until it is known. */
  readonly replied: ShownMessage | null | undefined;
  readonly may: Permissions;
  readonly newDay: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly unreadFrom: number | null;
  /** Whether Tab stops here. */
  readonly isActive: boolean;
  readonly isFlashed: boolean;
  readonly position: number;
  readonly setSize: number;
  readonly actions: RowActions;
  readonly setActive: (id: string) => void;
  readonly jump: (seq: number) => void;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps): ReactNode {
  const { message, kind, senderName, newDay, first, last, isActive, isFlashed } = props;
  const [isNear, setNear] = useState(false);
  const bar = useRef<MessageActionsHandle>(null);
  const hasSender = kind !== "direct" && !message.mine;

  function act(event: KeyboardEvent): void {
    if (event.target === event.currentTarget && bar.current?.key(event.key)) {
      event.preventDefault();
    }
  }

  return (
    <>
      {newDay && (
        <p className="day">
          <span>{dayName(message.sentAt)}</span>
        </p>
      )}
      {message.seq !== null && message.seq === props.unreadFrom && (
        <p className="unread-line">
          <span>New messages</span>
        </p>
      )}
      {/* The keys of a message: R replies, E edits, Enter opens the menu. */}
      <article
        aria-label={`${message.mine ? "You" : senderName}`}
        aria-posinset={props.position || props.setSize}
        aria-setsize={props.setSize}
        className={classes(
          "message",
          message.mine ? "message-own" : "message-theirs",
          first && "message-first",
          last && "message-last",
          hasSender && "message-with-sender",
          isFlashed && "message-flashed",
        )}
        onBlur={(event) => !keepsFocus(event.currentTarget, event.relatedTarget) && setNear(false)}
        onFocus={() => {
          setNear(true);
          props.setActive(message.id);
        }}
        onKeyDown={act}
        onPointerEnter={(event) => event.pointerType === "mouse" && setNear(true)}
        onPointerLeave={(event) =>
          event.pointerType === "mouse" &&
          !event.currentTarget.contains(document.activeElement) &&
          setNear(false)
        }
        tabIndex={isActive ? 0 : -1}
      >
        {hasSender && (
          <span className="message-avatar">
            {last && <Avatar id={message.senderId} name={senderName} size="small" />}
          </span>
        )}
        <div className="message-stack">
          {hasSender && first && (
            <bdi className="message-sender" data-hue={hueOf(message.senderId)}>
              {senderName}
            </bdi>
          )}
          <Bubble {...props} />
          {isNear && <MessageActions {...props} ref={bar} />}
        </div>
      </article>
    </>
  );
});

/** Whether the focus stays with a message: in it, or in the menu or dialog that it has opened. */
function keepsFocus(message: HTMLElement, focused: EventTarget | null): boolean {
  return (
    focused instanceof Element &&
    (message.contains(focused) || focused.closest("[role=menu], [role=dialog], dialog") !== null)
  );
}
