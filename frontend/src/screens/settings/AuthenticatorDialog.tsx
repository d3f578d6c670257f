/** Sets an authenticator app up: shows it its key, and asks for the code that it shows then. */
import { type ReactNode, useEffect, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { AuthenticatorKey } from "../../model/state.ts";
import { useAnnounce } from "../../ui/Announcer.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { useTask } from "../../ui/useTask.ts";
import { CodeField } from "../auth/Code.tsx";
import { QrCode } from "./QrCode.tsx";
import "./AuthenticatorDialog.css";

interface AuthenticatorDialogProps {
  readonly onClose: () => void;
  /** Called once signing in asks for a code. */
  readonly onDone: () => void;
}

export default function AuthenticatorDialog({ onClose, onDone }: AuthenticatorDialogProps): ReactNode {
  const actions = useActions();
  const asking = useTask();
  const task = useTask();
  const [key, setKey] = useState<AuthenticatorKey | null>(null);
  const { run } = asking;

  useEffect(() => void run(actions.newSecondFactor, setKey), [actions, run]);

  return (
    <Dialog onClose={onClose} title="Set up an authenticator app">
      {key === null ? (
        <>
          {asking.busy && <Spinner label="Loading the key" />}
          <Problem text={asking.problem} />
        </>
      ) : (
        <form
          className="authenticator"
          onSubmit={(event) => {
            event.preventDefault();
            const code = String(new FormData(event.currentTarget).get("code")).trim();
            void task.run(
              () => actions.turnOnSecondFactor(code),
              () => {
                onDone();
                onClose();
              },
            );
          }}
        >
          <Key {...key} />
          <p>2. Enter the six digits that the app shows now.</p>
          <CodeField of="app" />
          <Problem text={task.problem} />
          <div className="confirm-actions">
            <Button onClick={onClose}>Cancel</Button>
            <Button busy={task.busy} kind="primary" type="submit">
              Turn on
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** The key in each way that an app takes it: by camera, by a link on this device, by hand. */
function Key({ secret, uri }: AuthenticatorKey): ReactNode {
  const announce = useAnnounce();
  return (
    <>
      <p>
        1. Scan this with the app, or <a href={uri}>open it in an app on this device</a>, or enter the key.
      </p>
      <QrCode label="QR code of the key below" text={uri} />
      <p className="authenticator-key">
        <code>{secret.match(/.{1,4}/g)?.join(" ")}</code>
        <Button
          icon="copy"
          kind="quiet"
          onClick={() =>
            void navigator.clipboard.writeText(secret).then(() => announce("The key is copied."))
          }
        >
          Copy the key
        </Button>
      </p>
    </>
  );
}
