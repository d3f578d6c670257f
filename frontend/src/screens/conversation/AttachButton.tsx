/** Chooses files of this device. */
import { type ReactNode, useRef } from "react";
import { IconButton } from "../../ui/Button.tsx";

/** What the service takes: docs/protocol.md, Files. */
const TYPES =
  "image/jpeg,image/png,image/gif,image/webp,video/mp4,video/webm,audio/mpeg,audio/mp4,audio/ogg,application/pdf";

export function AttachButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="attach" label="Attach files" onClick={() => input.current?.click()} />
      <input
        accept={TYPES}
        aria-label="Files to attach"
        hidden
        multiple
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = ""; // so that the same file can be chosen again
        }}
        ref={input}
        type="file"
      />
    </>
  );
}
