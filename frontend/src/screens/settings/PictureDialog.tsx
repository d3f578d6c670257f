/** Shows a chosen picture as others will see it, lets one move the cut, and uploads it. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { useTask } from "../../ui/useTask.ts";
import { drawSquare, encoded, SIDE } from "./picture.ts";

const STEPS = 100;

interface PictureDialogProps {
  readonly picture: ImageBitmap;
  readonly onClose: () => void;
}

export function PictureDialog({ picture, onClose }: PictureDialogProps): ReactNode {
  const actions = useActions();
  const task = useTask();
  const toast = useToast();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [at, setAt] = useState(0.5);
  const [part, setPart] = useState(0);
  const isSquare = picture.width === picture.height;

  useEffect(() => {
    if (canvas.current) {
      drawSquare(canvas.current, picture, at);
    }
  }, [picture, at]);

  async function wear(drawn: HTMLCanvasElement): Promise<void> {
    setPart(0);
    await actions.setAvatar(await encoded(drawn), setPart);
  }

  return (
    <Dialog onClose={onClose} title="Your picture">
      <form
        className="picture-form"
        onSubmit={(event) => {
          event.preventDefault();
          const drawn = canvas.current;
          if (drawn) {
            void task.run(
              () => wear(drawn),
              () => {
                toast("This is your picture now.");
                onClose();
              },
            );
          }
        }}
      >
        <canvas
          aria-label="Your picture, as others will see it"
          className="picture-drawn"
          height={SIDE}
          ref={canvas}
          role="img"
          width={SIDE}
        />
        {!isSquare && (
          <label className="field">
            <span>{picture.width > picture.height ? "More to the left or right" : "Higher or lower"}</span>
            <input
              disabled={task.busy}
              max={STEPS}
              min={0}
              onChange={(event) => setAt(event.target.valueAsNumber / STEPS)}
              type="range"
              value={at * STEPS}
            />
          </label>
        )}
        {task.busy && <Progress label="Uploading the picture" max={1} value={part} />}
        <Problem text={task.problem} />
        <div className="confirm-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button busy={task.busy} data-begin="" kind="primary" type="submit">
            Use this picture
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
