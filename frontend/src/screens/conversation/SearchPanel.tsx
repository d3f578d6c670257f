/** Searches the open chat; a hit leads to its place. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { ChatRow } from "../../model/state.ts";
import { useAnnounce } from "../../ui/Announcer.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { SearchField } from "../../ui/Field.tsx";
import { Notice, Problem } from "../../ui/Notice.tsx";
import { nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { briefTime } from "../../ui/times.ts";
import { useMediaQuery } from "../../ui/useMediaQuery.ts";
import { useRovingFocus } from "../../ui/useRovingFocus.ts";
import { go } from "../routes.ts";
import { Excerpt } from "./Excerpt.tsx";
import { GoToDay } from "./GoToDay.tsx";

const PAUSE = 250;

export default function SearchPanel({ chat }: { readonly chat: ChatRow }): ReactNode {
  const actions = useActions();
  const announce = useAnnounce();
  const people = useValue((state) => state.people);
  const search = useValue((state) => state.search);
  const [query, setQuery] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const moveFocus = useRovingFocus(list);
  const isAlone = useMediaQuery("(max-width: 72rem)"); // then the panel covers the chat
  const wanted = query.trim();
  const found = search?.chatId === chat.chatId && search.query === wanted ? search : null;
  const isDone = found !== null && !found.searching;
  const count = found?.hits.length ?? 0;
  const close = () => go({ screen: "chat", chatId: chat.chatId, panel: null });

  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (wanted.length < 2) {
      return;
    }
    const timer = setTimeout(() => actions.search(wanted, chat.chatId), PAUSE);
    return () => {
      clearTimeout(timer);
      actions.search("", null);
    };
  }, [actions, wanted, chat.chatId]);
  useEffect(() => {
    if (isDone) {
      announce(count === 1 ? "One message found" : `${count} messages found`);
    }
  }, [announce, isDone, count]);

  function show(seq: number | null): void {
    if (seq !== null) {
      actions.loadAround(seq);
    }
    if (isAlone) {
      close();
    }
  }

  return (
    <>
      <header className="bar">
        <IconButton icon="close" label="Close the search" onClick={close} shortcut="Esc" />
        <div className="bar-title">
          <SearchField
            label="Search this chat"
            onChange={(event) => setQuery(event.target.value)}
            ref={field}
            value={query}
          />
        </div>
      </header>
      <div className="panel-body found">
        {wanted.length < 2 && (
          <Notice icon="search" title="Find what was said">
            <span>Two letters are enough to begin.</span>
            <GoToDay onDone={() => isAlone && close()} />
          </Notice>
        )}
        <ul onKeyDown={moveFocus} ref={list}>
          {found?.hits.map(({ message }) => {
            const sender = people[message.senderId];
            return (
              <li key={message.id}>
                <button className="found-hit" data-roving="" onClick={() => show(message.seq)} type="button">
                  <span className="chat-row-line">
                    <bdi className="chat-row-title">
                      {message.mine ? "You" : sender ? nameOf(sender) : UNKNOWN_NAME}
                    </bdi>
                    <time>{briefTime(message.sentAt)}</time>
                  </span>
                  <span className="found-text">
                    <Excerpt query={wanted} text={message.text} />
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
        <Problem text={found?.failure ?? ""} />
        {wanted.length >= 2 && !isDone && <Spinner />}
        {isDone && count === 0 && !found.hasMore && !found.failure && (
          <Notice icon="search" title="Nothing found">
            No message of this chat says so.
          </Notice>
        )}
        {isDone && found.hasMore && (
          <Button kind="quiet" onClick={actions.searchMore}>
            Search further back
          </Button>
        )}
      </div>
    </>
  );
}
