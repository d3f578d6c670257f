/** Choose another password with the code that was mailed. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { AuthForm, typed } from "./AuthForm.tsx";
import { ChoosePassword } from "./ChoosePassword.tsx";
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
      <ChoosePassword label="New password" />
    </AuthForm>
  );
}
