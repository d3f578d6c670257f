/** A file of a message: a picture in its place, a film or sound to play, anything else to download. */
import { type ReactNode, useState } from "react";
import type { Outgoing, ShownAttachment } from "../../model/state.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { fileSize } from "../../ui/times.ts";
import { useMedia } from "./useMedia.ts";
import "./Attachment.css";

interface AttachmentProps {
  readonly chatId: string;
  readonly attachment: ShownAttachment;
  readonly outgoing: Outgoing | null;
}

export function Attachment({ chatId, attachment, outgoing }: AttachmentProps): ReactNode {
  const kind = attachment.contentType.split("/")[0];
  return (
    <div className="attachment">
      {kind === "image" ? (
        <Picture attachment={attachment} chatId={chatId} />
      ) : kind === "video" || kind === "audio" ? (
        <Player attachment={attachment} chatId={chatId} kind={kind} />
      ) : (
        <FileCard attachment={attachment} chatId={chatId} />
      )}
      {outgoing?.state === "uploading" && (
        <Progress
          label={`Uploading ${attachment.name}`}
          max={Math.max(1, outgoing.bytes)}
          value={outgoing.sentBytes}
        />
      )}
    </div>
  );
}

interface FileProps {
  readonly chatId: string;
  readonly attachment: ShownAttachment;
}

function Picture({ chatId, attachment }: FileProps): ReactNode {
  const media = useMedia(chatId, attachment);
  const [isOpen, setOpen] = useState(false);
  const { width = 4, height = 3, name } = attachment;
  return (
    <>
      <button
        aria-label={`Open the picture ${name}`}
        className="picture"
        disabled={media.url === null}
        onClick={() => setOpen(true)}
        // The picture's place is kept free while it loads.
        style={{ aspectRatio: `${width} / ${height}`, width: `min(20rem, ${(width / height) * 22}rem)` }}
        tabIndex={-1}
        type="button"
      >
        {media.url !== null && <img alt={name} decoding="async" onError={media.failed} src={media.url} />}
        {media.problem && (
          <span className="picture-problem">
            <Icon name="warning" />
            {media.problem}
          </span>
        )}
      </button>
      {isOpen && media.url !== null && (
        <Dialog onClose={() => setOpen(false)} size="full" title={name}>
          <div className="lightbox">
            <img alt={name} src={media.url} />
          </div>
        </Dialog>
      )}
    </>
  );
}

function Player({ chatId, attachment, kind }: FileProps & { readonly kind: "video" | "audio" }): ReactNode {
  const media = useMedia(chatId, attachment);
  const { width = 16, height = 9 } = attachment;
  if (media.url === null) {
    return <FileCard attachment={attachment} chatId={chatId} />;
  }
  return kind === "audio" ? (
    // biome-ignore lint/a11y/useMediaCaption: what members record has no captions
    <audio aria-label={attachment.name} controls onError={media.failed} preload="metadata" src={media.url} />
  ) : (
    // biome-ignore lint/a11y/useMediaCaption: what members record has no captions
    <video
      aria-label={attachment.name}
      className="film"
      controls
      onError={media.failed}
      playsInline
      preload="metadata"
      src={media.url}
      style={{ aspectRatio: `${width} / ${height}` }}
    />
  );
}

function FileCard({ chatId, attachment }: FileProps): ReactNode {
  const media = useMedia(chatId, attachment);
  return (
    <div className="file-card">
      <span className="file-icon">
        <Icon name="file" />
      </span>
      <span className="file-what">
        <bdi className="file-name">{attachment.name}</bdi>
        <span className="file-size">{media.problem || fileSize(attachment.bytes)}</span>
      </span>
      {media.url !== null ? (
        <a
          aria-label={`Download ${attachment.name}`}
          className="file-download"
          download={attachment.name}
          href={media.url}
          rel="noopener noreferrer"
          target="_blank"
          title="Download"
        >
          <Icon name="download" />
        </a>
      ) : (
        media.problem && (
          <Button kind="quiet" onClick={media.again}>
            Again
          </Button>
        )
      )}
    </div>
  );
}
