/** Whom one has blocked. */
import { type ReactNode, useEffect, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { User } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button } from "../../ui/Button.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { nameOf } from "../../ui/names.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { sentenceOf, useTask } from "../../ui/useTask.ts";

export function Blocked(): ReactNode {
  const actions = useActions();
  const task = useTask();
  const [users, setUsers] = useState<readonly User[] | null>(null);
  const [problem, setProblem] = useState("");

  useEffect(() => {
    let isWanted = true;
    actions.blocks().then(
      (found) => isWanted && setUsers(found),
      (error) => isWanted && setProblem(sentenceOf(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [actions]);

  return (
    <section>
      <h3>Blocked</h3>
      {users === null && !problem && <Spinner label="Loading whom you have blocked" />}
      {users?.length === 0 && <p>You have blocked nobody. Block somebody from the chat with them.</p>}
      <ul>
        {users?.map((user) => (
          <li className="listed" key={user.userId}>
            <Avatar id={user.userId} name={nameOf(user)} />
            <bdi className="listed-name">{nameOf(user)}</bdi>
            <Button
              aria-label={`Lift the block of ${nameOf(user)}`}
              busy={task.busy}
              onClick={() =>
                void task.run(
                  () => actions.unblock(user.userId),
                  () => setUsers((all) => all?.filter((one) => one.userId !== user.userId) ?? null),
                )
              }
            >
              Lift
            </Button>
          </li>
        ))}
      </ul>
      <Problem text={problem || task.problem} />
    </section>
  );
}
