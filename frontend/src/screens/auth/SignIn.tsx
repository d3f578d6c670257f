/** Sign in, with a password or with Google where that is configured. */
import type { ReactNode } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";
import { AuthForm, typed } from "./AuthForm.tsx";
import type { Door } from "./SignedOut.tsx";

export function SignIn({ go }: { readonly go: (door: Door) => void }): ReactNode {
  const actions = useActions();
  const account = useValue((state) => state.account);
  const google = useTask();
  const { notice, google: hasGoogle } =
    account.stage === "signedOut" ? account : { notice: "", google: false };

  return (
    <AuthForm
      action="Sign in"
      before={
        <>
          {notice && (
            <p className="auth-notice" role="status">
              {notice}
            </p>
          )}
          {hasGoogle && (
            <>
              <Button busy={google.busy} onClick={() => void google.run(actions.signInWithGoogle)} wide>
                Continue with Google
              </Button>
              <Problem text={google.problem} />
              <p className="auth-or">
                <span>or</span>
              </p>
            </>
          )}
        </>
      }
      footer={
        <>
          <Button kind="quiet" onClick={() => go("forgot")}>
            Forgot password?
          </Button>
          <Button kind="quiet" onClick={() => go("signUp")}>
            Create an account
          </Button>
        </>
      }
      submit={(fields) => actions.signIn(typed(fields, "username").trim(), typed(fields, "password"))}
      title="Welcome back"
    >
      <Field
        autoCapitalize="none"
        autoComplete="username"
        label="Username or e-mail"
        name="username"
        required
        spellCheck={false}
      />
      <Field autoComplete="current-password" label="Password" name="password" required type="password" />
    </AuthForm>
  );
}
