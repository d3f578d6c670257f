/** The way back to the newest message, with how many are unread there. */
import type { ReactNode } from "react";
import { Icon } from "../../ui/icons.tsx";

interface JumpToEndProps {
  readonly isShown: boolean;
  readonly unread: number;
  readonly onJump: () => void;
}

export function JumpToEnd({ isShown, unread, onJump }: JumpToEndProps): ReactNode {
  if (!isShown) {
    return null;
  }
  return (
    <button
      aria-label={unread > 0 ? `To the newest message, ${unread} unread` : "To the newest message"}
      className="jump-to-end"
      onClick={onJump}
      type="button"
    >
      <Icon name="down" />
      {unread > 0 && <span className="badge">{unread}</span>}
    </button>
  );
}
