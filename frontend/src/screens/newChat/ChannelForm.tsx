/** Makes a channel. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";
import { go } from "../routes.ts";

export function ChannelForm(): ReactNode {
  const actions = useActions();
  const task = useTask();
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        const name = String(new FormData(event.currentTarget).get("name")).trim();
        void task.run(
          () => actions.createChannel(name),
          (chatId) => go({ screen: "chat", chatId, panel: null }, { replace: true }),
        );
      }}
    >
      <Field
        autoComplete="off"
        autoFocus
        help="Anyone who is signed in finds it by this name and can join."
        label="Name of the channel"
        maxLength={100}
        name="name"
        pattern=".*\S.*"
        required
      />
      <Problem text={task.problem} />
      <Button busy={task.busy} kind="primary" type="submit" wide>
        Create the channel
      </Button>
    </form>
  );
}
