/** Confirm the address with the code that was mailed. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import { AuthForm, typed } from "./AuthForm.tsx";
import { CodeField, CodeFooter } from "./Code.tsx";

export function Confirming({ sentTo }: { readonly sentTo: string }): ReactNode {
  const actions = useActions();
  return (
    <AuthForm
      action="Confirm"
      footer={<CodeFooter onAgain={actions.resendCode} />}
      lead={
        <>
          We sent a code to <bdi>{sentTo}</bdi>. It can take a minute.
        </>
      }
      submit={(fields) => actions.confirm(typed(fields, "code").trim())}
      title="Check your mail"
    >
      <CodeField />
    </AuthForm>
  );
}
