/** Asks before something that cannot be taken back, and shows why it could not be done. */
import { type ReactNode, useState } from "react";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { Problem } from "./Notice.tsx";
import { useTask } from "./useTask.ts";
import "./Confirm.css";

interface ConfirmProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  readonly kind?: "danger" | "primary";
  /** A word that has to be typed first. */
  readonly word?: string;
  readonly onConfirm: () => Promise<unknown> | undefined;
  readonly onClose: () => void;
}

/** A question with two answers; it closes once the first is done. */
export function Confirm({
  title,
  children,
  action,
  kind = "danger",
  word,
  onConfirm,
  onClose,
}: ConfirmProps): ReactNode {
  const [typed, setTyped] = useState("");
  const task = useTask();
  const isReady = word === undefined || typed.trim() === word;

  return (
    <Dialog onClose={onClose} title={title}>
      <form
        className="confirm"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) {
            void task.run(async () => onConfirm(), onClose);
          }
        }}
      >
        <div className="confirm-text">{children}</div>
        {word !== undefined && (
          <label className="confirm-word">
            <span>
              Type <b>{word}</b> to go on
            </span>
            <input
              autoComplete="off"
              data-begin=""
              className="input"
              onChange={(event) => setTyped(event.target.value)}
              value={typed}
            />
          </label>
        )}
        <Problem text={task.problem} />
        <div className="confirm-actions">
          <Button data-begin={word === undefined || undefined} onClick={onClose}>
            Cancel
          </Button>
          <Button busy={task.busy} disabled={!isReady} kind={kind} type="submit">
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
