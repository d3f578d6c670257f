/** The field for a password that one chooses, with what the user pool demands of it. */
import type { ReactNode } from "react";
import { useValue } from "../../model/hooks.tsx";
import { Field } from "../../ui/Field.tsx";

export function ChoosePassword({ label }: { readonly label: string }): ReactNode {
  const length = useValue((state) => state.passwordLength);
  return (
    <Field
      autoComplete="new-password"
      help={`${length} characters at least, with a capital letter, a small one and a digit.`}
      label={label}
      minLength={length}
      name="password"
      required
      type="password"
    />
  );
}
