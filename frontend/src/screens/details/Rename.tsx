/** The name of a group or channel, for who may change it. */
import { type ReactNode, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { ChatRow } from "../../model/state.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";

export function Rename({ chat }: { readonly chat: ChatRow }): ReactNode {
  const actions = useActions();
  const task = useTask();
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <p className="who-name">
        <bdi>{chat.title}</bdi>
        <IconButton icon="edit" label="Rename" onClick={() => setOpen(true)} small />
      </p>
    );
  }
  return (
    <form
      className="rename"
      onSubmit={(event) => {
        event.preventDefault();
        const name = String(new FormData(event.currentTarget).get("name")).trim();
        void task.run(
          () => actions.renameChat(chat.chatId, name),
          () => setOpen(false),
        );
      }}
    >
      <Field
        autoFocus
        defaultValue={chat.title}
        label="Name"
        maxLength={100}
        name="name"
        pattern=".*\S.*"
        required
      />
      <Problem text={task.problem} />
      <div className="confirm-actions">
        <Button onClick={() => setOpen(false)}>Cancel</Button>
        <Button busy={task.busy} kind="primary" type="submit">
          Save
        </Button>
      </div>
    </form>
  );
}
