/** What can be done with a message: a small bar at its corner, a menu with the rest, and a key for each. */
import { lazy, type ReactNode, type Ref, Suspense, useImperativeHandle, useRef, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { Permissions, ShownMessage } from "../../model/state.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Confirm.tsx";
import { Menu, type MenuItem } from "../../ui/Menu.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { sentenceOf } from "../../ui/useTask.ts";
import type { RowActions } from "./MessageRow.tsx";
import { Report } from "./Report.tsx";
import "./MessageActions.css";

const EmojiPicker = lazy(() => import("../../ui/EmojiPicker.tsx"));

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

export interface MessageActionsHandle {
  /** Does what a key stands for; false where it stands for nothing. */
  readonly key: (key: string) => boolean;
}

interface MessageActionsProps {
  readonly chatId: string;
  readonly message: ShownMessage;
  readonly may: Permissions;
  readonly actions: RowActions;
  readonly ref: Ref<MessageActionsHandle>;
}

type Open = "menu" | "emoji" | "delete" | "report" | null;

export function MessageActions({ chatId, message, may, actions, ref }: MessageActionsProps): ReactNode {
  const model = useActions();
  const toast = useToast();
  const bar = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<Open>(null);
  const { seq } = message;
  const isThere = seq !== null && !message.deleted;
  const mayReact = isThere && (may.write || message.seq !== null);
  const mayReply = isThere && may.write;
  const mayEdit = isThere && message.mine && message.text !== "";
  const mayDelete = isThere && (message.mine || may.deleteAny);
  const close = () => setOpen(null);
  const anchor = bar.current;

  function react(emoji: string): void {
    close();
    const mine = message.reactions.find((reaction) => reaction.mine)?.emoji;
    if (seq !== null) {
      model.react(seq, mine === emoji ? null : emoji).catch((error) => toast(sentenceOf(error)));
    }
  }

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(message.text);
    toast("Copied.");
  }

  const keys: Readonly<Record<string, (() => void) | false>> = {
    Enter: isThere && (() => setOpen("menu")),
    r: mayReply && (() => actions.reply(message)),
    e: mayEdit && (() => actions.edit(message)),
    "+": mayReact && (() => setOpen("emoji")),
    Delete: mayDelete && (() => setOpen("delete")),
  };
  useImperativeHandle(ref, () => ({
    key(key) {
      const act = keys[key.length === 1 ? key.toLowerCase() : key];
      if (act) {
        act();
      }
      return Boolean(act);
    },
  }));

  if (!isThere) {
    return null;
  }
  const items: readonly (MenuItem | false)[] = [
    mayReply && { label: "Reply", icon: "reply", shortcut: "R", run: () => actions.reply(message) },
    mayReact && { label: "React", icon: "react", shortcut: "+", run: () => setOpen("emoji") },
    message.text !== "" && {
      label: "Copy text",
      icon: "copy",
      run: () => void copy().catch((error) => toast(sentenceOf(error))),
    },
    mayEdit && { label: "Edit", icon: "edit", shortcut: "E", run: () => actions.edit(message) },
    !message.mine && { label: "Report", icon: "report", run: () => setOpen("report") },
    mayDelete && {
      label: "Delete",
      icon: "delete",
      shortcut: "Del",
      danger: true,
      run: () => setOpen("delete"),
    },
  ];
  return (
    <>
      <div className="message-actions" ref={bar} tabIndex={-1}>
        {mayReact && (
          <IconButton
            aria-expanded={open === "emoji"}
            aria-haspopup="dialog"
            icon="react"
            label="React"
            onClick={() => setOpen(open === "emoji" ? null : "emoji")}
            shortcut="+"
            small
          />
        )}
        {mayReply && (
          <IconButton icon="reply" label="Reply" onClick={() => actions.reply(message)} shortcut="R" small />
        )}
        <IconButton
          aria-expanded={open === "menu"}
          aria-haspopup="menu"
          icon="more"
          label="More"
          onClick={() => setOpen(open === "menu" ? null : "menu")}
          small
        />
      </div>
      {open === "menu" && anchor && (
        <Menu
          anchor={anchor}
          items={items.filter((item) => item !== false)}
          label="What can be done with the message"
          onClose={close}
        />
      )}
      {open === "emoji" && anchor && (
        <Popover anchor={anchor} label="React with" onClose={close}>
          <div className="quick-emoji">
            {QUICK.map((emoji) => (
              <button key={emoji} onClick={() => react(emoji)} type="button">
                {emoji}
              </button>
            ))}
          </div>
          <div className="emoji-place">
            <Suspense fallback={<Spinner label="Loading" />}>
              <EmojiPicker onPick={react} />
            </Suspense>
          </div>
        </Popover>
      )}
      {open === "delete" && seq !== null && (
        <Confirm
          action="Delete"
          onClose={close}
          onConfirm={() => model.delete(seq)}
          title="Delete this message?"
        >
          It will be emptied for everybody. That a message stood here remains visible.
        </Confirm>
      )}
      {open === "report" && seq !== null && <Report chatId={chatId} onClose={close} seq={seq} />}
    </>
  );
}
