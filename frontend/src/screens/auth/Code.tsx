/** What the screens share that ask for a code: of a mail, or of an authenticator app. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { useAnnounce } from "../../ui/Announcer.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";
import "./Code.css";

/** Six digits; `of` says whose. */
export function CodeField({ of = "mail" }: { readonly of?: "mail" | "app" }): ReactNode {
  return (
    <Field
      autoComplete="one-time-code"
      className="input-code"
      inputMode="numeric"
      label="Code"
      maxLength={6}
      name="code"
      pattern="\s*[0-9]{6}\s*"
      placeholder="000000"
      required
      title={`The six digits of the ${of}`}
    />
  );
}

/** Another code, where one can be sent again; and the way back. */
export function CodeFooter({ onAgain }: { readonly onAgain?: () => Promise<void> }): ReactNode {
  const actions = useActions();
  const announce = useAnnounce();
  const again = useTask();
  return (
    <>
      {onAgain && (
        <Button
          busy={again.busy}
          kind="quiet"
          onClick={() => void again.run(onAgain, () => announce("Another code is on its way."))}
        >
          Send another code
        </Button>
      )}
      <Button kind="quiet" onClick={actions.backToSignIn}>
        Back to sign in
      </Button>
      <Problem text={again.problem} />
    </>
  );
}
