/** What people answered a message with: one button an emoji, which sets or takes back one's own. */
import type { ReactNode } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { Reaction, ShownMessage } from "../../model/state.ts";
import { listNames, nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { useToast } from "../../ui/Toast.tsx";
import { sentenceOf } from "../../ui/useTask.ts";
import "./Reactions.css";

export function Reactions({ message }: { readonly message: ShownMessage }): ReactNode {
  const { seq, reactions } = message;
  if (seq === null || reactions.length === 0) {
    return null;
  }
  return (
    <div className="reactions">
      {reactions.map((reaction) => (
        <ReactionButton key={reaction.emoji} reaction={reaction} seq={seq} />
      ))}
    </div>
  );
}

function ReactionButton({ reaction, seq }: { readonly reaction: Reaction; readonly seq: number }): ReactNode {
  const actions = useActions();
  const toast = useToast();
  const people = useValue((state) => state.people);
  const me = useValue((state) => (state.account.stage === "signedIn" ? state.account.me.userId : ""));
  const names = reaction.userIds.map((userId) => {
    const user = people[userId];
    return userId === me ? "you" : user ? nameOf(user) : UNKNOWN_NAME;
  });
  const who = listNames(names, 6);
  return (
    <button
      aria-pressed={reaction.mine}
      className="reaction"
      onClick={() =>
        actions.react(seq, reaction.mine ? null : reaction.emoji).catch((error) => toast(sentenceOf(error)))
      }
      tabIndex={-1}
      title={who}
      type="button"
    >
      <span>{reaction.emoji}</span>
      {reaction.userIds.length > 1 && <span className="reaction-count">{reaction.userIds.length}</span>}
      <span className="visually-hidden"> by {who}</span>
    </button>
  );
}
