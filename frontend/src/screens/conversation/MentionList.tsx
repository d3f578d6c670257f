/** Who can be mentioned: the field keeps the focus, the arrow keys choose here. */
import type { ReactNode } from "react";
import type { User } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { nameOf } from "../../ui/names.ts";

interface MentionListProps {
  readonly id: string;
  readonly users: readonly User[];
  readonly chosen: number;
  readonly onChoose: (user: User) => void;
}

export function MentionList({ id, users, chosen, onChoose }: MentionListProps): ReactNode {
  return (
    <div aria-label="Whom to mention" className="mentions" id={id} role="listbox">
      {users.map((user, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
        <div
          aria-selected={index === chosen}
          id={`${id}-${index}`}
          key={user.userId}
          onClick={() => onChoose(user)}
          onPointerDown={(event) => event.preventDefault()}
          role="option"
          tabIndex={-1}
        >
          <Avatar id={user.userId} name={nameOf(user)} size="small" />
          <span>
            <bdi>{nameOf(user)}</bdi> <small>@{user.username}</small>
          </span>
        </div>
      ))}
    </div>
  );
}
