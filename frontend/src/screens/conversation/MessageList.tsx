/**
 * The messages of a chat. Only what is in view is in the page; earlier and later ones are fetched as one nears
 * them, and what one looks at stays where it is. Tab stops once here, the arrow keys move among the messages.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import { stateOf } from "../../model/model.ts";
import type { ChatRow, Conversation, ShownMessage } from "../../model/state.ts";
import { Notice } from "../../ui/Notice.tsx";
import { nameOf, UNKNOWN_NAME } from "../../ui/names.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { Beginning } from "./Beginning.tsx";
import { estimateHeight, groupingOf, indexOfSeq } from "./grouping.ts";
import { JumpToEnd } from "./JumpToEnd.tsx";
import { MessageRow, type RowActions } from "./MessageRow.tsx";
import { scrollKeeping } from "./scrollKeeping.ts";
import { useAnnouncedMessages } from "./useAnnouncedMessages.ts";
import { REST, useScrollTo } from "./useScrollTo.ts";
import { useSeen } from "./useSeen.ts";
import "./MessageList.css";

/** So many messages before an end of what is loaded, the next are fetched. */
const NEAR = 20;
/** So close to the end, in px, new messages are followed. */
const AT_END = 80;
/** How much is seen, in px, of what was read before the first unread message. */
const PEEK = 96;

interface MessageListProps {
  readonly chat: ChatRow;
  readonly conversation: Conversation;
  readonly rowActions: RowActions;
}

export function MessageList({ chat, conversation, rowActions }: MessageListProps): ReactNode {
  const actions = useActions();
  const people = useValue((state) => state.people);
  const scroller = useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [flashed, setFlashed] = useState<number | null>(null);
  const wantsFocus = useRef(false);
  const { messages, hasBefore, hasAfter, loading, unreadFrom, jumpTo } = conversation;
  const last = messages.at(-1);
  const found = activeId === null ? -1 : messages.findIndex((message) => message.id === activeId);
  const active = found < 0 ? messages.length - 1 : found;

  const [scrolling] = useState(scrollKeeping);
  const virtualizer = useVirtualizer({
    ...scrolling,
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimateHeight(messages[index]),
    getItemKey: (index) => messages[index]?.id ?? index,
    overscan: 8,
    paddingStart: 12,
    paddingEnd: 12,
    anchorTo: "end",
    followOnAppend: !hasAfter,
    scrollEndThreshold: AT_END,
    initialOffset: () => openingOffset(conversation),
  });
  const rows = virtualizer.getVirtualItems();
  const [isSettling, scrollTo] = useScrollTo(virtualizer, messages, rows);
  const firstRow = rows[0]?.index ?? 0;
  const lastRow = rows.at(-1)?.index ?? 0;
  const isAtEnd = virtualizer.isAtEnd(AT_END);

  useSeen(virtualizer, messages);
  useAnnouncedMessages(conversation, people);

  // What comes next is fetched before one gets there.
  const oldest = messages[0]?.id;
  const newest = last?.id;
  const isPlaced = useIsPlaced(oldest);
  const isFree = loading === null && rows.length > 0 && !isSettling && isPlaced;
  useEffect(() => {
    if (isFree && hasBefore && oldest && firstRow < NEAR) {
      actions.loadBefore();
    }
  }, [actions, isFree, hasBefore, oldest, firstRow]);
  useEffect(() => {
    if (isFree && hasAfter && newest && lastRow > messages.length - NEAR) {
      actions.loadAfter();
    }
  }, [actions, isFree, hasAfter, newest, lastRow, messages.length]);

  // A search, a reply or a notification leads to a message; who is far back goes to the end.
  useEffect(() => {
    if (jumpTo === null) {
      return;
    }
    if (jumpTo === "end") {
      if (!hasAfter) {
        scrollTo(messages.length - 1, "end");
        actions.jumped();
      }
      return;
    }
    const index = indexOfSeq(messages, jumpTo);
    if (index >= 0) {
      scrollTo(index, "center");
      setFlashed(jumpTo);
      setActiveId(messages[index]?.id ?? null);
      actions.jumped();
    }
  }, [actions, jumpTo, hasAfter, messages, scrollTo]);

  // What one sends is seen, wherever one was.
  const sentId = last?.mine && last.seq === null ? last.id : null;
  useEffect(() => {
    if (sentId !== null) {
      virtualizer.scrollToEnd();
    }
  }, [sentId, virtualizer]);

  useLayoutEffect(() => {
    const row =
      wantsFocus.current && scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"] article`);
    if (row) {
      wantsFocus.current = false;
      row.focus({ preventScroll: true });
    }
  });

  function move(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: active - 1,
      ArrowDown: active + 1,
      Home: 0,
      End: messages.length - 1,
    };
    const next = steps[event.key];
    const isOnMessage = event.target instanceof Element && event.target.matches("article");
    if (next === undefined || !isOnMessage || next < 0 || next >= messages.length) {
      return;
    }
    event.preventDefault();
    wantsFocus.current = true;
    setActiveId(messages[next]?.id ?? null);
    scrollTo(next, "auto");
  }

  // The same function while the messages are the same: rows that only move are not drawn again.
  const jump = useCallback(
    (seq: number) => {
      const index = indexOfSeq(messages, seq);
      if (index < 0) {
        actions.loadAround(seq);
        return;
      }
      scrollTo(index, "center");
      setFlashed(seq);
      setActiveId(messages[index]?.id ?? null);
    },
    [actions, messages, scrollTo],
  );

  if (messages.length === 0 && loading === null) {
    return (
      <div className="message-list-empty">
        <Notice icon="chat" title={conversation.may.write ? "Say hello" : "Nothing here yet"}>
          {conversation.may.write
            ? "This is the beginning. What you write is kept here until it has arrived."
            : "What the admins of this channel write will stand here."}
        </Notice>
      </div>
    );
  }
  const offset = rows[0]?.start ?? 0;
  return (
    <div className="message-list">
      {loading === "before" && (
        <div className="message-list-loading">
          <Spinner />
        </div>
      )}
      <div className="message-list-scroller" ref={scroller}>
        <div
          aria-busy={loading !== null}
          aria-label="Messages"
          className="message-list-content"
          onKeyDown={move}
          role="feed"
          style={{ height: virtualizer.getTotalSize() }}
        >
          <div className="message-list-window" style={{ transform: `translateY(${offset}px)` }}>
            {rows.map(({ index, key }) => {
              const message = messages[index];
              if (message === undefined) {
                return null;
              }
              const before = messages[index - 1];
              const sender = people[message.senderId];
              return (
                <div
                  className="message-list-row"
                  data-index={index}
                  key={key}
                  ref={virtualizer.measureElement}
                >
                  {index === 0 && !hasBefore && <Beginning chat={chat} />}
                  <MessageRow
                    actions={rowActions}
                    chatId={chat.chatId}
                    isActive={index === active}
                    isFlashed={message.seq !== null && message.seq === flashed}
                    jump={jump}
                    kind={chat.kind}
                    message={message}
                    may={conversation.may}
                    replied={repliedBy(message, conversation)}
                    senderName={sender ? nameOf(sender) : UNKNOWN_NAME}
                    setActive={setActiveId}
                    setSize={conversation.lastSeq - conversation.firstSeq + 1}
                    position={message.seq === null ? 0 : message.seq - conversation.firstSeq + 1}
                    state={message.mine ? stateOf(message, conversation) : null}
                    unreadFrom={unreadFrom}
                    {...groupingOf(message, before, messages[index + 1], unreadFrom)}
                  />
                </div>
              );
            })}
          </div>
        </div>
      </div>
      <JumpToEnd
        isShown={hasAfter || !isAtEnd}
        onJump={() => (hasAfter ? actions.loadNewest() : scrollTo(messages.length - 1, "end"))}
        unread={chat.unread}
      />
    </div>
  );
}

/** What a message replies to: among what is loaded, else as it was asked for. */
function repliedBy(
  { replyTo }: ShownMessage,
  { messages, quoted }: Conversation,
): ShownMessage | null | undefined {
  return replyTo === null ? undefined : (messages[indexOfSeq(messages, replyTo)] ?? quoted[replyTo]);
}

/** Where a chat opens: at its first unread message, a little below the edge; else at its end. */
function openingOffset({ messages, unreadFrom }: Conversation): number {
  const unread = unreadFrom === null ? -1 : indexOfSeq(messages, unreadFrom);
  const above = messages.slice(0, unread < 0 ? messages.length : unread);
  const offset = above.reduce((sum, message) => sum + estimateHeight(message), 0);
  return unread < 0 ? offset : Math.max(0, offset - PEEK);
}

/** Whether the rows that are drawn are those of the stretch that begins so: when it grows at its front, they lag. */
function useIsPlaced(oldest: string | undefined): boolean {
  const [placed, setPlaced] = useState(oldest);
  useEffect(() => {
    const timer = setTimeout(() => setPlaced(oldest), REST);
    return () => clearTimeout(timer);
  }, [oldest]);
  return placed === oldest;
}
