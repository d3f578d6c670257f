/** Inserts an emoji where one writes. */
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { IconButton } from "../../ui/Button.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { Spinner } from "../../ui/Spinner.tsx";

const EmojiPicker = lazy(() => import("../../ui/EmojiPicker.tsx"));

export function EmojiButton({ onPick }: { readonly onPick: (emoji: string) => void }): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <IconButton
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        icon="react"
        label="Emoji"
        onClick={() => setOpen(!isOpen)}
        ref={button}
      />
      {isOpen && button.current && (
        <Popover anchor={button.current} label="Emoji" onClose={() => setOpen(false)}>
          <div className="emoji-place">
            <Suspense fallback={<Spinner label="Loading" />}>
              <EmojiPicker onPick={onPick} />
            </Suspense>
          </div>
        </Popover>
      )}
    </>
  );
}
