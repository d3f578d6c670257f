/** An open chat: its head, its messages, where one writes, and the panel beside it. */
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { ShownMessage } from "../../model/state.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { Link } from "../Link.tsx";
import { Composer } from "./Composer.tsx";
import { ConversationBar } from "./ConversationBar.tsx";
import { DropZone } from "./DropZone.tsx";
import { MessageList } from "./MessageList.tsx";
import "./Conversation.css";

const Details = lazy(() => import("../details/Details.tsx"));
const SearchPanel = lazy(() => import("./SearchPanel.tsx"));

/** What the next message is about. */
export type Subject =
  | { readonly kind: "reply"; readonly message: ShownMessage }
  | { readonly kind: "edit"; readonly message: ShownMessage };

interface ConversationProps {
  readonly chatId: string;
  readonly panel: "details" | "search" | null;
}

export function Conversation({ chatId, panel }: ConversationProps): ReactNode {
  const conversation = useValue((state) => state.conversation);
  const chat = useValue((state) => state.chats.find((one) => one.chatId === chatId) ?? null);
  const isKnown = useValue((state) => state.chatsKnown);
  const actions = useActions();
  const [subject, setSubject] = useState<Subject | null>(null);
  const reply = useCallback((message: ShownMessage) => setSubject({ kind: "reply", message }), []);
  const edit = useCallback((message: ShownMessage) => setSubject({ kind: "edit", message }), []);
  const done = useCallback(() => setSubject(null), []);
  const rowActions = useMemo(() => ({ reply, edit }), [reply, edit]);

  if (chat === null && isKnown) {
    return (
      <Notice icon="chat" title="There is no such chat">
        <span>It does not exist, or you are not in it any more.</span>
        <Link className="button button-primary" to={{ screen: "chats" }}>
          To your chats
        </Link>
      </Notice>
    );
  }
  if (chat === null || conversation?.chatId !== chatId) {
    return (
      <div className="home-waiting">
        <Spinner label="Opening the chat" />
      </div>
    );
  }
  return (
    <div className="conversation" data-panel={panel ?? "none"}>
      <section aria-label={`Chat with ${chat.title}`} className="conversation-column">
        <ConversationBar chat={chat} conversation={conversation} panel={panel} />
        <DropZone isOff={!conversation.may.write} onFiles={(files) => files.forEach(actions.upload)}>
          <MessageList chat={chat} conversation={conversation} rowActions={rowActions} />
          <Composer chat={chat} conversation={conversation} onDone={done} onEdit={edit} subject={subject} />
        </DropZone>
      </section>
      {panel !== null && (
        <aside aria-label={panel === "search" ? "Search this chat" : "About this chat"} className="panel">
          <Suspense
            fallback={
              <div className="home-waiting">
                <Spinner label="Loading" />
              </div>
            }
          >
            {panel === "search" ? (
              <SearchPanel chat={chat} />
            ) : (
              <Details chat={chat} conversation={conversation} />
            )}
          </Suspense>
        </aside>
      )}
    </div>
  );
}
