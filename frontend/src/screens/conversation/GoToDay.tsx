/** Leads to what was written first on a day, or since. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";
import "./GoToDay.css";

export function GoToDay({ onDone }: { readonly onDone: () => void }): ReactNode {
  const actions = useActions();
  const task = useTask();
  return (
    <form
      className="go-to-day"
      onSubmit={(event) => {
        event.preventDefault();
        const day = String(new FormData(event.currentTarget).get("day"));
        const midnight = new Date(`${day}T00:00`).getTime(); // where the reader is
        void task.run(
          () => actions.goToTime(midnight),
          (isThere) => (isThere ? onDone() : task.fail("Nothing was written on that day or since.")),
        );
      }}
    >
      <Field label="Or go to a day" name="day" required type="date" />
      <Button busy={task.busy} type="submit">
        Go
      </Button>
      <Problem text={task.problem} />
    </form>
  );
}
