/** Says honestly whether this device is connected, what waits here meanwhile and when the next attempt follows. */
import { type ReactNode, useEffect, useState } from "react";
import { useActions, useValue } from "../model/hooks.tsx";
import type { Connection } from "../model/state.ts";
import { Button } from "../ui/Button.tsx";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icons.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { useTask } from "../ui/useTask.ts";
import "./ConnectionBar.css";

/** So long connecting and catching up may take before they are worth a word, in ms. */
const PATIENCE = 700;

export function ConnectionBar(): ReactNode {
  const connection = useValue((state) => state.connection);
  const isBrief = connection.state === "connecting" || connection.state === "online";
  const isLate = useLate(isBrief && !(connection.state === "online" && connection.caughtUp));
  const seconds = useSecondsUntil(connection.retryAt);
  const text = (!isBrief || isLate) && textOf(connection, seconds);
  const isBroken = connection.state === "offline" || connection.state === "refused";

  return (
    <div className="connection" role="status">
      {text && (
        <div className={classes("connection-bar", isBroken && "connection-broken")}>
          {isBroken ? (
            <Icon name={connection.state === "refused" ? "warning" : "offline"} size={18} />
          ) : (
            <Spinner />
          )}
          {/* The seconds tick for the eye alone: who listens is told of the state once. */}
          <span className="visually-hidden">{textOf(connection, null)}</span>
          <span aria-hidden="true">{text}</span>
          {connection.state === "refused" && <SignInAgain />}
        </div>
      )}
    </div>
  );
}

function SignInAgain(): ReactNode {
  const actions = useActions();
  const task = useTask();
  return (
    <Button busy={task.busy} kind="quiet" onClick={() => void task.run(() => actions.signOut("here"))}>
      Sign in again
    </Button>
  );
}

function textOf({ state, reason, waiting, caughtUp }: Connection, seconds: number | null): string {
  const kept =
    waiting === 0 ? "" : waiting === 1 ? " One message waits here." : ` ${waiting} messages wait here.`;
  switch (state) {
    case "offline":
      return `You are offline.${kept || " What you write is sent when you are back."}`;
    case "reconnecting":
      return `${seconds === null || seconds < 1 ? "Reconnecting…" : `Reconnecting in ${seconds} s.`}${kept}`;
    case "connecting":
      return `Connecting…${kept}`;
    case "refused":
      return reason || "You have been signed out.";
    case "online":
      return caughtUp ? "" : `Catching up…${kept}`;
  }
}

/** Whether something has gone on for longer than one should have to wonder. */
function useLate(isOn: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isOn) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [isOn]);
  return isLate;
}

/** The seconds until a time, counted down. */
function useSecondsUntil(at: number | null): number | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (at === null) {
      return;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [at]);
  return at === null ? null : Math.max(0, Math.ceil((at - now) / 1000));
}
