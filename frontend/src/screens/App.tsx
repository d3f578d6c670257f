/** The whole page: which screen is shown. */
import { useValue } from "../model/hooks.tsx";

export function App() {
  const account = useValue((state) => state.account);
  const chats = useValue((state) => state.chats);
  if (account.stage !== "signedIn") {
    return <main>Sign in</main>;
  }
  return (
    <main>
      <h1>Parley</h1>
      <ul>
        {chats.map((chat) => (
          <li key={chat.chatId}>
            {chat.title} ({chat.unread})
          </li>
        ))}
      </ul>
    </main>
  );
}
