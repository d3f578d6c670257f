/** A second factor beside the password, where the service offers one: an authenticator app. */
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Confirm.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { useTask } from "../../ui/useTask.ts";

const AuthenticatorDialog = lazy(() => import("./AuthenticatorDialog.tsx"));

export function SecondFactor(): ReactNode {
  const isOffered = useValue((state) => state.mayHaveSecondFactor);
  return (
    isOffered && (
      <section className="second-factor">
        <h3>Two-step sign-in</h3>
        <Offered />
      </section>
    )
  );
}

function Offered(): ReactNode {
  const actions = useActions();
  const toast = useToast();
  const { run, busy, problem } = useTask();
  const [isOn, setOn] = useState<boolean | null>(null);
  const [opened, setOpened] = useState<"setUp" | "remove" | null>(null);

  useEffect(() => void run(actions.hasSecondFactor, setOn), [actions, run]);

  return (
    <>
      {isOn === null && busy && <Spinner label="Loading how you sign in" />}
      {isOn === false && (
        <>
          <p>
            An authenticator app on your phone shows a code that signing in then asks for, beside the
            password.
          </p>
          <Button icon="shield" onClick={() => setOpened("setUp")}>
            Set up an authenticator app
          </Button>
        </>
      )}
      {isOn && (
        <>
          <p>Signing in asks for the code of your authenticator app, beside the password.</p>
          <Button icon="shield" onClick={() => setOpened("remove")}>
            Ask for no code any more
          </Button>
        </>
      )}
      <Problem text={problem} />
      {opened === "setUp" && (
        <Suspense>
          <AuthenticatorDialog
            onClose={() => setOpened(null)}
            onDone={() => {
              setOn(true);
              toast("From now on, signing in asks for a code.");
            }}
          />
        </Suspense>
      )}
      {opened === "remove" && (
        <Confirm
          action="Ask for no code"
          onClose={() => setOpened(null)}
          onConfirm={async () => {
            await actions.turnOffSecondFactor();
            setOn(false);
          }}
          title="Sign in without a code?"
        >
          Your password alone signs in then, whoever knows it.
        </Confirm>
      )}
    </>
  );
}
