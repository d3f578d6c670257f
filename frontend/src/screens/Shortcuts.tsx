/** The keys that work everywhere, and the dialog that lists them all. */
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { useValue } from "../model/hooks.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { go, useRoute } from "./routes.ts";
import "./Shortcuts.css";

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
const CONTROL = isApple ? "⌘" : "Ctrl";
const ALT = isApple ? "⌥" : "Alt";

const SECTIONS: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] =
  [
    {
      title: "Everywhere",
      keys: [
        [`${CONTROL} K`, "Search chats and messages"],
        [`${CONTROL} F`, "Search the open chat"],
        [`${ALT} N`, "New chat"],
        [`${ALT} ↓  ${ALT} ↑`, "Next and previous chat"],
        ["Esc", "Close, or go back"],
        ["?", "This list"],
      ],
    },
    {
      title: "Writing",
      keys: [
        ["Enter", "Send"],
        ["Shift Enter", "New line"],
        ["↑", "Edit your last message"],
        ["@", "Mention somebody"],
      ],
    },
    {
      title: "On a message",
      keys: [
        ["↑  ↓", "Move between messages"],
        ["Enter", "What can be done"],
        ["R", "Reply"],
        ["E", "Edit"],
        ["+", "React"],
        ["Delete", "Delete"],
      ],
    },
  ];

const openers = new EventTarget();

/** Shows the list of shortcuts. */
export function showShortcuts(): void {
  openers.dispatchEvent(new Event("open"));
}

export function Shortcuts(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const route = useRoute();
  const chats = useValue((state) => state.chats);

  const step = useCallback(
    (by: 1 | -1) => {
      const index = chats.findIndex((chat) => route.screen === "chat" && chat.chatId === route.chatId);
      const next = chats[index < 0 ? 0 : index + by];
      if (next) {
        go({ screen: "chat", chatId: next.chatId, panel: null });
      }
    },
    [chats, route],
  );

  useEffect(() => {
    function act(event: KeyboardEvent): void {
      const isControl = isApple ? event.metaKey : event.ctrlKey;
      const isTyping = event.target instanceof Element && event.target.closest("input, textarea") !== null;
      if (document.querySelector("dialog[open]") !== null) {
        return;
      }
      if (isControl && event.key === "k") {
        document.querySelector<HTMLInputElement>(".chat-list-search")?.focus();
      } else if (isControl && event.key === "f" && route.screen === "chat") {
        go({ ...route, panel: "search" });
      } else if (event.altKey && event.code === "KeyN") {
        go({ screen: "new", kind: null });
      } else if (event.altKey && event.key === "ArrowDown") {
        step(1);
      } else if (event.altKey && event.key === "ArrowUp") {
        step(-1);
      } else if (event.key === "?" && !isTyping) {
        setOpen(true);
      } else if (event.key === "Escape" && !event.defaultPrevented) {
        leave(route);
        return;
      } else {
        return;
      }
      event.preventDefault();
    }
    document.addEventListener("keydown", act);
    return () => document.removeEventListener("keydown", act);
  }, [route, step]);

  useEffect(() => {
    const open = () => setOpen(true);
    openers.addEventListener("open", open);
    return () => openers.removeEventListener("open", open);
  }, []);

  return isOpen ? <ShortcutList onClose={() => setOpen(false)} /> : null;
}

/** What Escape leaves: a panel first, then a page that is no chat. */
function leave(route: ReturnType<typeof useRoute>): void {
  if (route.screen === "chat" && route.panel !== null) {
    go({ ...route, panel: null });
  } else if (route.screen === "new" || route.screen === "settings") {
    go({ screen: "chats" });
  }
}

function ShortcutList({ onClose }: { readonly onClose: () => void }): ReactNode {
  return (
    <Dialog onClose={onClose} size="medium" title="Keyboard shortcuts">
      {/* It may scroll: so the keyboard comes to it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <div className="shortcuts" tabIndex={0}>
        {SECTIONS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <div key={key}>
                  <dt>{what}</dt>
                  <dd>
                    <kbd>{key}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
