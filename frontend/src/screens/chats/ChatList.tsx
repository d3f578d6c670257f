/** All chats, the latest first, and the search through them and their messages. */
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useRef, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { SearchField } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { nameOf } from "../../ui/names.ts";
import { useRovingFocus } from "../../ui/useRovingFocus.ts";
import { Link } from "../Link.tsx";
import { go } from "../routes.ts";
import { ChatRow } from "./ChatRow.tsx";
import { FoundMessages } from "./FoundMessages.tsx";
import "./ChatList.css";

/** So long one may pause while typing before a search begins, in ms. */
const PAUSE = 250;
/** So many chats are drawn first, more than fit on a screen; the others right after. */
const FIRST = 30;

export function ChatList({ openId }: { readonly openId: string | null }): ReactNode {
  const chats = useValue((state) => state.chats);
  const isKnown = useValue((state) => state.chatsKnown);
  const me = useValue((state) => (state.account.stage === "signedIn" ? state.account.me : null));
  const [query, setQuery] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const moveFocus = useRovingFocus(list);
  const wanted = query.trim().toLocaleLowerCase();
  const shown = wanted ? chats.filter((chat) => chat.title.toLocaleLowerCase().includes(wanted)) : chats;
  const isDrawn = useDeferredValue(true, false);
  const drawn = isDrawn ? shown : shown.slice(0, FIRST);
  const stop = shown.find((chat) => chat.chatId === openId)?.chatId ?? shown[0]?.chatId;
  useMessageSearch(wanted);

  function keyInSearch(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      list.current?.querySelector<HTMLElement>("[data-roving]")?.focus();
    } else if (event.key === "Escape" && query) {
      event.preventDefault();
      setQuery("");
    }
  }

  return (
    <>
      <header className="bar chat-list-bar">
        <Link aria-label="Settings" className="chat-list-me" title="Settings" to={{ screen: "settings" }}>
          <Avatar id={me?.userId ?? ""} name={me ? nameOf(me) : ""} size="small" />
        </Link>
        <h1 className="bar-title">Parley</h1>
        <IconButton
          icon="add"
          label="New chat"
          onClick={() => go({ screen: "new", kind: null })}
          shortcut="Alt N"
        />
      </header>
      <div className="chat-list-find">
        <SearchField
          className="chat-list-search"
          label="Search chats and messages"
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={keyInSearch}
          placeholder="Search"
          value={query}
        />
      </div>
      {/* The arrow keys move the focus among the links inside; the box itself is no control. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
      <div className="chat-list" onKeyDown={moveFocus} ref={list}>
        {!isKnown ? (
          <Skeleton />
        ) : chats.length === 0 ? (
          <Notice icon="chat" title="No chats yet">
            <span>Find somebody by name, or join a channel.</span>
            <Link className="button button-primary" to={{ screen: "new", kind: null }}>
              Start a chat
            </Link>
          </Notice>
        ) : (
          <ul>
            {drawn.map((chat) => (
              <ChatRow
                chat={chat}
                isOpen={chat.chatId === openId}
                isStop={chat.chatId === stop}
                key={chat.chatId}
              />
            ))}
          </ul>
        )}
        {wanted && <FoundMessages hasChats={shown.length > 0} query={wanted} />}
      </div>
    </>
  );
}

/** Has the messages of all chats searched once one pauses. */
function useMessageSearch(query: string): void {
  const actions = useActions();
  useEffect(() => {
    if (query.length < 2) {
      return;
    }
    const timer = setTimeout(() => actions.search(query, null), PAUSE);
    return () => {
      clearTimeout(timer);
      actions.search("", null);
    };
  }, [actions, query]);
}

function Skeleton(): ReactNode {
  return (
    <div aria-busy="true" className="chat-list-skeleton">
      <span className="visually-hidden" role="status">
        Loading your chats
      </span>
      {[1, 2, 3, 4, 5, 6].map((row) => (
        <div key={row}>
          <i />
          <b />
        </div>
      ))}
    </div>
  );
}
