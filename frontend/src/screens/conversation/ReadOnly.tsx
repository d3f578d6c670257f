/** In place of the field where one may not write: why, and what can be done about it. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { ChatRow, Conversation } from "../../model/state.ts";
import { Button } from "../../ui/Button.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";

interface ReadOnlyProps {
  readonly chat: ChatRow;
  readonly conversation: Conversation;
}

export function ReadOnly({ chat, conversation }: ReadOnlyProps): ReactNode {
  const actions = useActions();
  const task = useTask();
  const other = chat.other;
  return (
    <footer className="read-only">
      {conversation.blocked && other !== null ? (
        <>
          <span>
            You have blocked <bdi>{chat.title}</bdi>.
          </span>
          <Button busy={task.busy} onClick={() => void task.run(() => actions.unblock(other.userId))}>
            Lift the block
          </Button>
          <Problem text={task.problem} />
        </>
      ) : chat.kind === "channel" ? (
        "The owners and admins of this channel write here."
      ) : (
        "Nothing can be written here now."
      )}
    </footer>
  );
}
