/** A menu that a button opens: arrow keys move, letters jump, Escape closes and gives the focus back. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";
import { usePlacement } from "./usePlacement.ts";
import "./Menu.css";

export interface MenuItem {
  readonly label: string;
  readonly icon: IconName;
  readonly run: () => void;
  readonly danger?: boolean;
  readonly shortcut?: string;
}

interface MenuProps {
  readonly label: string;
  readonly anchor: HTMLElement;
  readonly items: readonly MenuItem[];
  /** Above the items, as quick reactions. */
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

/** Open as long as it is rendered, beside `anchor`. */
export function Menu({ label, anchor, items, children, onClose }: MenuProps): ReactNode {
  const menu = useRef<HTMLDivElement>(null);
  usePlacement(menu, anchor, onClose);

  useEffect(() => {
    entriesOf(menu.current)[0]?.focus();
  }, []);

  function close(): void {
    anchor.focus();
    onClose();
  }

  function move(event: KeyboardEvent): void {
    const entries = entriesOf(menu.current);
    const index = entries.indexOf(document.activeElement as HTMLElement);
    const next = nextIndex(event.key, index, entries);
    if (next !== null) {
      event.preventDefault();
      entries[next]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  return createPortal(
    <div aria-label={label} className="menu" onKeyDown={move} ref={menu} role="menu" tabIndex={-1}>
      {children}
      {items.map((item) => (
        <button
          className={classes("menu-item", item.danger && "menu-item-danger")}
          key={item.label}
          onClick={() => {
            close();
            item.run();
          }}
          role="menuitem"
          tabIndex={-1}
          type="button"
        >
          <Icon name={item.icon} size={18} />
          <span>{item.label}</span>
          {item.shortcut && <kbd>{item.shortcut}</kbd>}
        </button>
      ))}
    </div>,
    anchor.closest("dialog, main, nav") ?? document.body,
  );
}

function entriesOf(menu: HTMLElement | null): HTMLElement[] {
  return menu ? [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")] : [];
}

function nextIndex(key: string, index: number, entries: readonly HTMLElement[]): number | null {
  const count = entries.length;
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return (index + 1) % count;
    case "ArrowUp":
    case "ArrowLeft":
      return (index - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default: {
      const isLetter = key.length === 1 && key !== " ";
      const found = isLetter
        ? entries.findIndex((entry) => entry.textContent.trim().toLowerCase().startsWith(key.toLowerCase()))
        : -1;
      return found < 0 ? null : found;
    }
  }
}
