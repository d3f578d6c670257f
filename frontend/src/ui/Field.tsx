/** A field of a form: its name above, help below, and its own refusal in its place. */
import { type ComponentProps, type ReactNode, useId, useState } from "react";
import { classes } from "./classes.ts";
import "./Field.css";
import "./Form.css";

interface FieldProps extends ComponentProps<"input"> {
  readonly label: string;
  readonly help?: string;
}

/** A text field; a password can be looked at. */
export function Field({ label, help, type = "text", className, ...rest }: FieldProps): ReactNode {
  const id = useId();
  const [isShown, setShown] = useState(false);
  const isPassword = type === "password";
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-control">
        <input
          dir="auto"
          {...rest}
          aria-describedby={help ? `${id}-help` : undefined}
          className={classes("input", className)}
          id={id}
          type={isPassword && isShown ? "text" : type}
        />
        {isPassword && (
          <button
            aria-label={isShown ? "Hide the password" : "Show the password"}
            aria-pressed={isShown}
            className="field-show"
            onClick={() => setShown(!isShown)}
            type="button"
          >
            {isShown ? "Hide" : "Show"}
          </button>
        )}
      </div>
      {help && (
        <p className="field-help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

interface SearchFieldProps extends Omit<ComponentProps<"input">, "type"> {
  readonly label: string;
}

/** A search field; Escape empties it. */
export function SearchField({ label, className, ...rest }: SearchFieldProps): ReactNode {
  return (
    <input
      autoComplete="off"
      dir="auto"
      enterKeyHint="search"
      spellCheck={false}
      {...rest}
      aria-label={label}
      className={classes("input input-search", className)}
      placeholder={rest.placeholder ?? label}
      type="search"
    />
  );
}
