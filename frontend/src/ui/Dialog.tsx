/** A modal dialog on the browser's own <dialog>: focus stays inside, Escape closes, and focus returns. */
import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from "react";
import { IconButton } from "./Button.tsx";
import { classes } from "./classes.ts";
import "./Dialog.css";

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly size?: "small" | "medium" | "full";
}

/** Open as long as it is rendered. */
export function Dialog({ title, children, onClose, size = "small" }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // Where one begins: what is marked so, else the heading, and not the button that closes.
    const begin = dialog.current?.querySelector<HTMLElement>("[data-begin]");
    (begin ?? dialog.current?.querySelector<HTMLElement>("h2"))?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) {
        opener.focus();
      }
    };
  }, []);

  function closeOnBackdrop(event: SyntheticEvent): void {
    if (event.target === dialog.current) {
      onClose();
    }
  }

  return (
    // Escape is the dialog's own key, by `cancel`; the backdrop is a second way for a pointer.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <dialog
      aria-labelledby={heading}
      className={classes("dialog", `dialog-${size}`)}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={closeOnBackdrop}
      ref={dialog}
    >
      <div className="dialog-sheet">
        <header className="dialog-header">
          <h2 id={heading} tabIndex={-1}>
            {title}
          </h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
      </div>
    </dialog>
  );
}
