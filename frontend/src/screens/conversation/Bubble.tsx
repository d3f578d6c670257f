/** What a message says: the message it replies to, its file, its text, when, how far it has got, and reactions. */
import { type ReactNode, useEffect } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { MessageState } from "../../model/model.ts";
import type { ShownMessage } from "../../model/state.ts";
import { Button } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { isEmojiOnly } from "../../ui/links.ts";
import { MessageText } from "../../ui/MessageText.tsx";
import { nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { Ticks } from "../../ui/Ticks.tsx";
import { clockTime, fullTime } from "../../ui/times.ts";
import { summaryOf } from "../chats/ChatRow.tsx";
import { Attachment } from "./Attachment.tsx";
import type { MessageRowProps } from "./MessageRow.tsx";
import { Reactions } from "./Reactions.tsx";
import "./Bubble.css";

export function Bubble(props: MessageRowProps): ReactNode {
  const { message, chatId, state, replied, jump } = props;
  const people = useValue((one) => one.people);
  const me = useValue((one) => (one.account.stage === "signedIn" ? one.account.me.userId : ""));
  const isLarge = message.attachment === null && message.replyTo === null && isEmojiOnly(message.text);
  const mentions = message.mentions
    .flatMap((userId) => people[userId] ?? [])
    .map((user) => `@${user.username}`);

  return (
    <>
      <div
        className={classes(
          "bubble",
          isLarge && "bubble-large",
          message.deleted && "bubble-deleted",
          message.attachment !== null && "bubble-with-file",
          message.mentions.includes(me) && "bubble-for-me",
          state === "refused" && "bubble-refused",
        )}
      >
        {message.replyTo !== null && <Quote jump={jump} replied={replied} seq={message.replyTo} />}
        {message.attachment !== null && (
          <Attachment attachment={message.attachment} chatId={chatId} outgoing={message.outgoing} />
        )}
        <div className="bubble-text" dir="auto">
          {message.deleted ? (
            <em>Message deleted</em>
          ) : (
            <MessageText mentions={mentions} text={message.text} />
          )}
          <Meta message={message} state={state} />
        </div>
      </div>
      <Reactions message={message} />
      {message.outgoing?.state === "refused" && <Refused id={message.id} reason={message.outgoing.reason} />}
    </>
  );
}

function Meta({
  message,
  state,
}: {
  readonly message: ShownMessage;
  readonly state: MessageState | null;
}): ReactNode {
  return (
    <span className="bubble-meta" dir="ltr">
      {message.edited && !message.deleted && <span>edited</span>}
      <time dateTime={new Date(message.sentAt).toISOString()} title={fullTime(message.sentAt)}>
        {clockTime(message.sentAt)}
      </time>
      {state !== null && !message.deleted && <Ticks state={state} />}
    </span>
  );
}

interface QuoteProps {
  readonly replied: ShownMessage | null | undefined;
  readonly seq: number;
  readonly jump: (seq: number) => void;
}

function Quote({ replied, seq, jump }: QuoteProps): ReactNode {
  const actions = useActions();
  const sender = useValue((state) => (replied ? state.people[replied.senderId] : undefined));
  const who = replied?.mine ? "You" : sender ? nameOf(sender) : UNKNOWN_NAME;
  const isUnknown = replied === undefined;
  useEffect(() => {
    if (isUnknown) {
      actions.loadQuoted(seq);
    }
  }, [actions, isUnknown, seq]);

  if (replied === null) {
    return (
      <p className="quote">
        <span className="quote-text">A message that you do not see</span>
      </p>
    );
  }
  return (
    <button className="quote" onClick={() => jump(seq)} tabIndex={-1} type="button">
      <bdi className="quote-who">{replied ? who : "Earlier message"}</bdi>
      <bdi className="quote-text">{replied ? summaryOf(replied) : "Show it"}</bdi>
    </button>
  );
}

function Refused({ id, reason }: { readonly id: string; readonly reason: string }): ReactNode {
  const actions = useActions();
  return (
    <div className="refused" role="alert">
      <span>Not sent. {reason}</span>
      <Button kind="quiet" onClick={() => actions.retry(id)}>
        Try again
      </Button>
      <Button kind="quiet" onClick={() => actions.discard(id)}>
        Discard
      </Button>
    </div>
  );
}
