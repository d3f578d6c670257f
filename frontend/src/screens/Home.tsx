/** The chats beside the one that is open; on a phone, the one or the other. */
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { useActions, useValue } from "../model/hooks.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { useMediaQuery } from "../ui/useMediaQuery.ts";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { ChatList } from "./chats/ChatList.tsx";
import { Conversation } from "./conversation/Conversation.tsx";
import { type Route, useRoute } from "./routes.ts";
import { Shortcuts } from "./Shortcuts.tsx";
import "./Home.css";

const NewChat = lazy(() => import("./newChat/NewChat.tsx"));
const Settings = lazy(() => import("./settings/Settings.tsx"));

export function Home(): ReactNode {
  const route = useRoute();
  const actions = useActions();
  const chatId = route.screen === "chat" ? route.chatId : null;
  const isPhone = useMediaQuery("(max-width: 48rem)");
  const isListAlone = isPhone && route.screen === "chats";
  const unread = useValue((state) => state.chats.reduce((sum, chat) => sum + unmuted(chat), 0));

  useEffect(() => actions.openChat(chatId), [actions, chatId]);

  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : "Parley";
  }, [unread]);

  return (
    <div className="home" data-pane={route.screen === "chats" ? "list" : "main"}>
      <ConnectionBar />
      {/* On a phone the list is the page: it is `main` then, without being made anew. */}
      <div className="home-list" role={isListAlone ? "main" : undefined}>
        <nav aria-label="Chats">
          <ChatList openId={chatId} />
        </nav>
      </div>
      <main className="home-main" key={route.screen}>
        {isPhone && !isListAlone && <h1 className="visually-hidden">Parley</h1>}
        <Suspense fallback={<Waiting />}>
          <Screen route={route} />
        </Suspense>
      </main>
      <Shortcuts />
    </div>
  );
}

function Screen({ route }: { readonly route: Route }): ReactNode {
  switch (route.screen) {
    case "chat":
      return <Conversation chatId={route.chatId} key={route.chatId} panel={route.panel} />;
    case "new":
      return <NewChat key={route.kind} kind={route.kind} />;
    case "settings":
      return <Settings />;
    case "chats":
      return (
        <Notice icon="chat" title="Choose a chat">
          What you write is kept on this device until it has arrived, wherever your train is.
        </Notice>
      );
  }
}

function Waiting(): ReactNode {
  return (
    <div className="home-waiting">
      <Spinner label="Loading" />
    </div>
  );
}

function unmuted(chat: { readonly unread: number; readonly mutedUntil: number | null }): number {
  return chat.mutedUntil === null ? chat.unread : 0;
}
