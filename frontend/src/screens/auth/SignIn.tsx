/** Sign in, with a password or by an identity provider where there are some. */
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
  const leaving = useTask();
  const { notice, providers } = account.stage === "signedOut" ? account : { notice: "", providers: [] };

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
          {providers.length > 0 && (
            <>
              {providers.map((provider) => (
                <Button
                  busy={leaving.busy}
                  key={provider}
                  onClick={() => void leaving.run(() => actions.signInWith(provider))}
                  wide
                >
                  Continue with {provider}
                </Button>
              ))}
              <Problem text={leaving.problem} />
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
