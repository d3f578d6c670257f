/** One's own picture: how others see it, and the ways to choose another or none. */
import { type ReactNode, useId, useRef, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { User } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button } from "../../ui/Button.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { nameOf } from "../../ui/names.ts";
import { useToast } from "../../ui/Toast.tsx";
import { useTask } from "../../ui/useTask.ts";
import { PictureDialog } from "./PictureDialog.tsx";
import { PICTURE_LIMITS, PICTURE_TYPES, readPicture } from "./picture.ts";

export function OwnPicture({ me }: { readonly me: User }): ReactNode {
  const actions = useActions();
  const task = useTask();
  const toast = useToast();
  const input = useRef<HTMLInputElement>(null);
  const help = useId();
  const [chosen, setChosen] = useState<ImageBitmap | null>(null);
  const hasPicture = me.avatar !== undefined;

  function close(): void {
    chosen?.close();
    setChosen(null);
  }

  return (
    <div className="own-picture">
      <Avatar id={me.userId} name={nameOf(me)} size="huge" />
      <div className="own-picture-ways">
        <div className="settings-buttons">
          <Button aria-describedby={help} busy={task.busy} onClick={() => input.current?.click()}>
            {hasPicture ? "Change the picture" : "Add a picture"}
          </Button>
          {hasPicture && (
            <Button
              kind="quiet"
              onClick={() => void task.run(actions.removeAvatar, () => toast("Your picture is gone."))}
            >
              Remove it
            </Button>
          )}
        </div>
        <p className="field-help" id={help}>
          {PICTURE_LIMITS} Everybody who is signed in can see it.
        </p>
        <Problem text={task.problem} />
      </div>
      <input
        accept={PICTURE_TYPES.join(",")}
        aria-label="Picture of you"
        hidden
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) {
            void task.run(() => readPicture(file), setChosen);
          }
          event.target.value = ""; // so that the same file can be chosen again
        }}
        ref={input}
        type="file"
      />
      {chosen && <PictureDialog onClose={close} picture={chosen} />}
    </div>
  );
}
