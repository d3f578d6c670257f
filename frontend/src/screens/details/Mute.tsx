/** Whether a chat notifies, and until when it does not. */
import { type ReactNode, useRef, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { ChatRow } from "../../model/state.ts";
import { Icon } from "../../ui/icons.tsx";
import { Menu, type MenuItem } from "../../ui/Menu.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { fullTime } from "../../ui/times.ts";
import { useTask } from "../../ui/useTask.ts";

const HOUR = 3_600_000;
const CHOICES: readonly (readonly [string, number])[] = [
  ["For an hour", HOUR],
  ["For eight hours", 8 * HOUR],
  ["For a week", 7 * 24 * HOUR],
  ["Until I say otherwise", 100 * 365 * 24 * HOUR],
];
/** What is further away than this is for good. */
const FOR_GOOD = 50 * 365 * 24 * HOUR;

export function Mute({ chat }: { readonly chat: ChatRow }): ReactNode {
  const actions = useActions();
  const task = useTask();
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const { chatId, mutedUntil } = chat;
  const isMuted = mutedUntil !== null;
  const items: readonly MenuItem[] = CHOICES.map(([label, time]) => ({
    label,
    icon: "bellOff",
    run: () => void task.run(() => actions.mute(chatId, Date.now() + time)),
  }));
  return (
    <div className="details-list">
      <button
        aria-busy={task.busy}
        aria-expanded={isMuted ? undefined : isOpen}
        aria-haspopup={isMuted ? undefined : "menu"}
        className="details-row"
        onClick={() => (isMuted ? void task.run(() => actions.mute(chatId, null)) : setOpen(!isOpen))}
        ref={button}
        type="button"
      >
        <Icon name={isMuted ? "bell" : "bellOff"} />
        <span>
          {isMuted ? "Notify me again" : "Mute notifications"}
          {isMuted && (
            <small>
              {mutedUntil > Date.now() + FOR_GOOD ? "Muted" : `Muted until ${fullTime(mutedUntil)}`}
            </small>
          )}
        </span>
      </button>
      <Problem text={task.problem} />
      {isOpen && button.current && (
        <Menu anchor={button.current} items={items} label="Mute" onClose={() => setOpen(false)} />
      )}
    </div>
  );
}
