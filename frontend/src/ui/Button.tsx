/** Buttons: with a word, or with an icon whose name a screen reader says and a pointer shows. */
import type { ComponentProps, ReactNode } from "react";
import "./Button.css";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";
import { Spinner } from "./Spinner.tsx";

interface ButtonProps extends ComponentProps<"button"> {
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly icon?: IconName;
  /** Something is on its way: the button keeps its place and focus, and takes no second press. */
  readonly busy?: boolean;
  readonly wide?: boolean;
}

/** A button with a word. */
export function Button({
  kind = "plain",
  icon,
  busy,
  wide,
  children,
  className,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      className={classes("button", `button-${kind}`, wide && "button-wide", className)}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  readonly icon: IconName;
  readonly label: string;
  /** The key that does the same, shown beside the name. */
  readonly shortcut?: string;
  readonly small?: boolean;
}

/** A button with an icon alone; `label` is its name. */
export function IconButton({ icon, label, shortcut, small, className, ...rest }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      className={classes("icon-button", small && "icon-button-small", className)}
      title={shortcut ? `${label} (${shortcut})` : label}
    >
      <Icon name={icon} size={small ? 18 : 20} />
    </button>
  );
}
