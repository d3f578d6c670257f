/** Says things to screen readers without moving the focus: one polite region for the whole page. */
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

type Announce = (text: string) => void;

const AnnounceContext = createContext<Announce>(() => undefined);

/** Holds the region that `useAnnounce` speaks through. */
export function Announcer({ children }: { readonly children: ReactNode }): ReactNode {
  const [said, setSaid] = useState({ text: "", turn: 0 });
  const announce = useCallback((text: string) => setSaid(({ turn }) => ({ text, turn: turn + 1 })), []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div aria-atomic="true" aria-live="polite" className="visually-hidden">
        {/* A new element each time, so that the same words are said twice. */}
        <span key={said.turn}>{said.text}</span>
      </div>
    </AnnounceContext>
  );
}

/** Says a text once the screen reader pauses. */
export function useAnnounce(): Announce {
  return useContext(AnnounceContext);
}
