/** Notifications of this browser; it asks for leave only when the button is pressed. */
import type { ReactNode } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";

export function Notify(): ReactNode {
  const actions = useActions();
  const state = useValue((one) => one.notifications);
  const task = useTask();
  return (
    <section>
      <h3>Notifications</h3>
      <p>
        {state === "unavailable" && "This browser, or this service, does not offer notifications."}
        {state === "denied" &&
          "You have refused notifications of this site: allow them in the browser's settings first."}
        {state === "off" &&
          "Be told on this device when somebody writes while Parley is closed. The text is not shown."}
        {state === "on" &&
          "You are told on this device who writes while Parley is closed. The text is not shown."}
      </p>
      {state === "off" && (
        <Button busy={task.busy} icon="bell" onClick={() => void task.run(actions.enableNotifications)}>
          Notify me on this device
        </Button>
      )}
      {state === "on" && (
        <Button busy={task.busy} icon="bellOff" onClick={() => void task.run(actions.disableNotifications)}>
          Stop notifying on this device
        </Button>
      )}
      <Problem text={task.problem} />
    </section>
  );
}
