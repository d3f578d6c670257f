/** Takes files that are dropped on the chat. */
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { Icon } from "../../ui/icons.tsx";
import "./DropZone.css";

interface DropZoneProps {
  readonly isOff: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ReactNode;
}

export function DropZone({ isOff, onFiles, children }: DropZoneProps): ReactNode {
  const [isOver, setOver] = useState(false);
  const depth = useRef(0); // children are entered and left too

  function enter(event: DragEvent, by: 1 | -1): void {
    if (!isOff && event.dataTransfer.types.includes("Files")) {
      event.preventDefault();
      depth.current += by;
      setOver(depth.current > 0);
    }
  }

  function drop(event: DragEvent): void {
    if (!isOff && event.dataTransfer.files.length > 0) {
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      onFiles([...event.dataTransfer.files]);
    }
  }

  return (
    // A pointer's shortcut for the button that attaches files.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      className="drop-zone"
      onDragEnter={(event) => enter(event, 1)}
      onDragLeave={(event) => enter(event, -1)}
      onDragOver={(event) => !isOff && event.preventDefault()}
      onDrop={drop}
    >
      {children}
      {isOver && (
        <div className="drop-here">
          <Icon name="attach" size={32} />
          Drop to attach
        </div>
      )}
    </div>
  );
}
