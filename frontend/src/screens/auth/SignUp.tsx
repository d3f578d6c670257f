/** Make an account. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { AuthForm, typed } from "./AuthForm.tsx";
import { ChoosePassword } from "./ChoosePassword.tsx";
import type { Door } from "./SignedOut.tsx";

export function SignUp({ go }: { readonly go: (door: Door) => void }): ReactNode {
  const actions = useActions();
  return (
    <AuthForm
      action="Create account"
      footer={
        <Button kind="quiet" onClick={() => go("signIn")}>
          I have an account: sign in
        </Button>
      }
      lead="A message you send is a message that arrives."
      submit={(fields) =>
        actions.signUp({
          username: typed(fields, "username").trim(),
          email: typed(fields, "email").trim(),
          password: typed(fields, "password"),
        })
      }
      title="Create your account"
    >
      <Field
        autoCapitalize="none"
        autoComplete="username"
        help="Others find you by it."
        label="Username"
        maxLength={64}
        minLength={2}
        name="username"
        required
        spellCheck={false}
      />
      <Field
        autoComplete="email"
        help="We send a code to it."
        label="E-mail"
        name="email"
        required
        type="email"
      />
      <ChoosePassword label="Password" />
    </AuthForm>
  );
}
