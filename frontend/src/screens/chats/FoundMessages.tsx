/** What a search through the messages of all chats has found. */
import { type ReactNode, useEffect } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { SearchHit } from "../../model/state.ts";
import { useAnnounce } from "../../ui/Announcer.tsx";
import { Button } from "../../ui/Button.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { briefTime } from "../../ui/times.ts";
import { Excerpt } from "../conversation/Excerpt.tsx";
import { go } from "../routes.ts";

interface FoundMessagesProps {
  readonly query: string;
  readonly hasChats: boolean;
}

export function FoundMessages({ query, hasChats }: FoundMessagesProps): ReactNode {
  const search = useValue((state) => state.search);
  const actions = useActions();
  const announce = useAnnounce();
  const found = search?.chatId === null && search.query.toLocaleLowerCase() === query ? search : null;
  const isDone = found !== null && !found.searching;
  const count = found?.hits.length ?? 0;

  useEffect(() => {
    if (isDone) {
      announce(count === 1 ? "One message found" : `${count} messages found`);
    }
  }, [announce, isDone, count]);

  if (query.length < 2) {
    return hasChats ? null : <p className="found-none">No chat is called so.</p>;
  }
  return (
    <section aria-label="Messages found" className="found">
      <h2>Messages</h2>
      <ul>
        {found?.hits.map((hit) => (
          <Hit hit={hit} key={`${hit.chatId} ${hit.message.id}`} query={query} />
        ))}
      </ul>
      <Problem text={found?.failure ?? ""} />
      {(found === null || found.searching) && <Spinner />}
      {isDone && count === 0 && !found.hasMore && !found.failure && (
        <p className="found-none">No message says so.</p>
      )}
      {isDone && found.hasMore && (
        <Button kind="quiet" onClick={actions.searchMore}>
          Search further back
        </Button>
      )}
    </section>
  );
}

function Hit({ hit, query }: { readonly hit: SearchHit; readonly query: string }): ReactNode {
  const actions = useActions();
  const title = useValue((state) => state.chats.find((chat) => chat.chatId === hit.chatId)?.title ?? "");
  const sender = useValue((state) => state.people[hit.message.senderId]);
  const who = hit.message.mine ? "You" : sender ? nameOf(sender) : UNKNOWN_NAME;

  function open(): void {
    go({ screen: "chat", chatId: hit.chatId, panel: null });
    if (hit.message.seq !== null) {
      actions.openChat(hit.chatId, hit.message.seq);
    }
  }

  return (
    <li>
      <button className="found-hit" data-roving="" onClick={open} type="button">
        <span className="chat-row-line">
          <bdi className="chat-row-title">{title}</bdi>
          <time>{briefTime(hit.message.sentAt)}</time>
        </span>
        <span className="found-text">
          <bdi>{who}</bdi>: <Excerpt query={query} text={hit.message.text} />
        </span>
      </button>
    </li>
  );
}
