/** Shows a message to those who run the service. */
import { type ReactNode, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { useTask } from "../../ui/useTask.ts";
import "./Report.css";

const REASONS = [
  ["spam", "Spam"],
  ["abuse", "Abuse or harassment"],
  ["illegal", "Something illegal"],
  ["other", "Something else"],
] as const;

interface ReportProps {
  readonly chatId: string;
  readonly seq: number;
  readonly onClose: () => void;
}

export function Report({ chatId, seq, onClose }: ReportProps): ReactNode {
  const actions = useActions();
  const task = useTask();
  const toast = useToast();
  const [reason, setReason] = useState<(typeof REASONS)[number][0]>("spam");
  const [note, setNote] = useState("");

  return (
    <Dialog onClose={onClose} title="Report this message">
      <form
        className="report"
        onSubmit={(event) => {
          event.preventDefault();
          void task.run(
            () => actions.report(chatId, seq, reason, note.trim()),
            () => {
              toast("Reported. Thank you.");
              onClose();
            },
          );
        }}
      >
        <fieldset>
          <legend>What is wrong with it?</legend>
          {REASONS.map(([value, label]) => (
            <label className="choice" key={value}>
              <input
                checked={reason === value}
                name="reason"
                onChange={() => setReason(value)}
                type="radio"
              />
              {label}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span>More about it, if you like</span>
          <textarea
            className="input"
            maxLength={1000}
            onChange={(event) => setNote(event.target.value)}
            rows={3}
            value={note}
          />
        </label>
        <p className="field-help">
          Those who run Parley see the message with its text. Its sender is not told.
        </p>
        <Problem text={task.problem} />
        <div className="confirm-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button busy={task.busy} kind="primary" type="submit">
            Report
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
