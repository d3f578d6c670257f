/** Choose another password with the code that was mailed. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Field } from "../../ui/Field.tsx";
import { AuthForm, typed } from "./AuthForm.tsx";
import { CodeField, CodeFooter } from "./Code.tsx";

export function Resetting({ sentTo }: { readonly sentTo: string }): ReactNode {
  const actions = useActions();
  return (
    <AuthForm
      action="Choose and sign in"
      footer={<CodeFooter />}
      lead={
        <>
          If there is such an account, a code went to <bdi>{sentTo}</bdi>.
        </>
      }
      submit={(fields) => actions.resetPassword(typed(fields, "code").trim(), typed(fields, "password"))}
      title="Choose a new password"
    >
      <CodeField />
      <Field
        autoComplete="new-password"
        help="12 characters at least, with a capital letter, a small one and a digit."
        label="New password"
        minLength={12}
        name="password"
        required
        type="password"
      />
    </AuthForm>
  );
}
