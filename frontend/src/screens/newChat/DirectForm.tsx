/** Opens the direct chat with somebody. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";
import { go } from "../routes.ts";
import { PeopleFinder } from "./PeopleFinder.tsx";

export function DirectForm(): ReactNode {
  const actions = useActions();
  const task = useTask();
  return (
    <>
      <PeopleFinder
        onChoose={(user) =>
          void task.run(
            () => actions.createDirectChat(user.userId),
            (chatId) => go({ screen: "chat", chatId, panel: null }, { replace: true }),
          )
        }
      />
      <Problem text={task.problem} />
    </>
  );
}
