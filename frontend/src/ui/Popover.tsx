/** A floating box beside a button: focus goes in, Escape closes and gives the focus back. */
import { type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { usePlacement } from "./usePlacement.ts";
import "./Popover.css";

interface PopoverProps {
  readonly label: string;
  readonly anchor: HTMLElement;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** Open as long as it is rendered, beside `anchor`. */
export function Popover({ label, anchor, children, onClose }: PopoverProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  usePlacement(box, anchor, onClose);

  useEffect(() => {
    (box.current?.querySelector<HTMLElement>("button, input") ?? box.current)?.focus();
  }, []);

  return createPortal(
    <div
      aria-label={label}
      className="popover"
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) {
          onClose();
        }
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          anchor.focus();
          onClose();
        }
      }}
      ref={box}
      role="dialog"
      tabIndex={-1}
    >
      {children}
    </div>,
    anchor.closest("dialog, main, nav") ?? document.body,
  );
}
