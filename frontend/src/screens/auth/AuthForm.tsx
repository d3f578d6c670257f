/** A form of one screen of signing in: heading, fields, one button, the ways on. */
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "../../ui/Button.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";

interface AuthFormProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly action: string;
  /** Between the heading and the fields. */
  readonly before?: ReactNode;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly submit: (fields: FormData) => Promise<void>;
}

export function AuthForm({
  title,
  lead,
  action,
  before,
  children,
  footer,
  submit,
}: AuthFormProps): ReactNode {
  const task = useTask();
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = `${title} · Parley`;
    heading.current?.focus();
  }, [title]);

  return (
    <form
      className="auth-form"
      onSubmit={(event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        void task.run(() => submit(fields));
      }}
    >
      <header className="auth-header">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead && <p>{lead}</p>}
      </header>
      {before}
      {children}
      <Problem text={task.problem} />
      <Button busy={task.busy} kind="primary" type="submit" wide>
        {action}
      </Button>
      {footer && <footer className="auth-footer">{footer}</footer>}
    </form>
  );
}

/** What was typed into a field. */
export function typed(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}
