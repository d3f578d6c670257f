/** Ask for a code to choose another password. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { AuthForm, typed } from "./AuthForm.tsx";
import type { Door } from "./SignedOut.tsx";

export function ForgotPassword({ go }: { readonly go: (door: Door) => void }): ReactNode {
  const actions = useActions();
  return (
    <AuthForm
      action="Send me a code"
      footer={
        <Button kind="quiet" onClick={() => go("signIn")}>
          Back to sign in
        </Button>
      }
      lead="Tell us who you are, and we mail you a code to choose another."
      submit={(fields) => actions.forgotPassword(typed(fields, "username").trim())}
      title="Forgot your password?"
    >
      <Field
        autoCapitalize="none"
        autoComplete="username"
        label="Username or e-mail"
        name="username"
        required
        spellCheck={false}
      />
    </AuthForm>
  );
}
