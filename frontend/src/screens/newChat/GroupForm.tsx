/** Makes a group: its name, who is in it, and what they see of the past. */
import { type ReactNode, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { User } from "../../model/state.ts";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { nameOf } from "../../ui/names.ts";
import { useTask } from "../../ui/useTask.ts";
import { go } from "../routes.ts";
import { PeopleFinder } from "./PeopleFinder.tsx";

/** A group is created with no more; others are added later. */
const MOST = 50;

export function GroupForm(): ReactNode {
  const actions = useActions();
  const task = useTask();
  const [chosen, setChosen] = useState<readonly User[]>([]);
  const [history, setHistory] = useState<"start" | "joining">("start");

  function toggle(user: User): void {
    const others = chosen.filter((one) => one.userId !== user.userId);
    if (others.length === chosen.length && chosen.length === MOST) {
      task.fail(`A group begins with ${MOST} others at most: add more once it is there.`);
    } else {
      setChosen(others.length === chosen.length ? [...chosen, user] : others);
    }
  }

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        const name = String(new FormData(event.currentTarget).get("name")).trim();
        if (chosen.length === 0) {
          task.fail("Choose one other person at least.");
          return;
        }
        const ids = chosen.map((user) => user.userId);
        void task.run(
          () => actions.createGroup(name, ids, history),
          (chatId) => go({ screen: "chat", chatId, panel: null }, { replace: true }),
        );
      }}
    >
      <Field
        autoComplete="off"
        label="Name of the group"
        maxLength={100}
        name="name"
        pattern=".*\S.*"
        required
      />
      <fieldset className="new-fieldset">
        <legend>Who is in it</legend>
        {chosen.length > 0 && (
          <ul aria-label="Chosen" className="chips">
            {chosen.map((user) => (
              <li key={user.userId}>
                <button
                  aria-label={`Leave ${nameOf(user)} out`}
                  className="chip"
                  onClick={() => toggle(user)}
                  type="button"
                >
                  <bdi>{nameOf(user)}</bdi>
                  <Icon name="close" size={14} />
                </button>
              </li>
            ))}
          </ul>
        )}
        <PeopleFinder chosen={chosen} onChoose={toggle} />
      </fieldset>
      <fieldset className="new-fieldset">
        <legend>Who is added later sees</legend>
        <label className="choice">
          <input
            checked={history === "start"}
            name="history"
            onChange={() => setHistory("start")}
            type="radio"
          />
          everything from the beginning
        </label>
        <label className="choice">
          <input
            checked={history === "joining"}
            name="history"
            onChange={() => setHistory("joining")}
            type="radio"
          />
          only what is written from then on
        </label>
      </fieldset>
      <Problem text={task.problem} />
      <Button busy={task.busy} kind="primary" type="submit" wide>
        Create the group
      </Button>
    </form>
  );
}
