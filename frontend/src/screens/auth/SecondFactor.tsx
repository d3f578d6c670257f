/** The password was right: give the code of the authenticator app. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { AuthForm, typed } from "./AuthForm.tsx";
import { CodeField, CodeFooter } from "./Code.tsx";

export function SecondFactor(): ReactNode {
  const actions = useActions();
  return (
    <AuthForm
      action="Sign in"
      footer={<CodeFooter />}
      lead="Open your authenticator app and enter the six digits that it shows for Parley."
      submit={(fields) => actions.giveCode(typed(fields, "code").trim())}
      title="Enter your code"
    >
      <CodeField of="app" />
    </AuthForm>
  );
}
