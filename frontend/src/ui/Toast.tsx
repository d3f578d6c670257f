/** A sentence at the bottom of the page about something that just happened; it goes by itself, or at a press. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";
import { IconButton } from "./Button.tsx";
import "./Toast.css";

/** So long a sentence stands, in ms. */
const STAYS = 7000;

type Toast = (text: string) => void;

const ToastContext = createContext<Toast>(() => undefined);

export function Toasts({ children }: { readonly children: ReactNode }): ReactNode {
  const [shown, setShown] = useState({ text: "", turn: 0 });
  const show = useCallback((text: string) => setShown(({ turn }) => ({ text, turn: turn + 1 })), []);
  const hide = useCallback(() => setShown(({ turn }) => ({ text: "", turn })), []);

  useEffect(() => {
    if (shown.text) {
      const timer = setTimeout(hide, STAYS);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [shown, hide]);

  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" role="status">
        {shown.text && (
          <div className="toast" key={shown.turn}>
            <span>{shown.text}</span>
            <IconButton icon="close" label="Dismiss" onClick={hide} small />
          </div>
        )}
      </div>
    </ToastContext>
  );
}

/** Shows a sentence, and has it read out. */
export function useToast(): Toast {
  return useContext(ToastContext);
}
