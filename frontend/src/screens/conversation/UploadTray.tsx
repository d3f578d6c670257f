/** The files that go with the next message: how far each is, and the way to leave one out. */
import type { ReactNode } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { Upload } from "../../model/state.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { classes } from "../../ui/classes.ts";
import { Icon } from "../../ui/icons.tsx";
import { Progress } from "../../ui/Progress.tsx";
import { fileSize } from "../../ui/times.ts";

export function UploadTray({ uploads }: { readonly uploads: readonly Upload[] }): ReactNode {
  return (
    <ul aria-label="Files to send" className="tray">
      {uploads.map((upload) => (
        <UploadCard key={upload.uploadId} upload={upload} />
      ))}
    </ul>
  );
}

function UploadCard({ upload }: { readonly upload: Upload }): ReactNode {
  const actions = useActions();
  const { uploadId, name, state } = upload;
  return (
    <li className={classes("upload", state === "failed" && "upload-failed")}>
      <span className="upload-picture">
        <Preview upload={upload} />
      </span>
      <span className="upload-what">
        <bdi>{name}</bdi>
        <span role={state === "failed" ? "alert" : undefined}>
          {state === "failed"
            ? upload.reason
            : state === "ready"
              ? `${fileSize(upload.bytes)} · ready`
              : fileSize(upload.bytes)}
        </span>
      </span>
      <span className="upload-buttons">
        {state === "failed" && (
          <Button kind="quiet" onClick={() => actions.retryUpload(uploadId)}>
            Again
          </Button>
        )}
        <IconButton
          icon="close"
          label={state === "uploading" ? `Cancel the upload of ${name}` : `Leave ${name} out`}
          onClick={() => actions.cancelUpload(uploadId)}
          small
        />
      </span>
      {state === "uploading" && (
        <Progress label={`Uploading ${name}`} max={Math.max(1, upload.bytes)} value={upload.sentBytes} />
      )}
    </li>
  );
}

function Preview({ upload }: { readonly upload: Upload }): ReactNode {
  if (upload.preview === null) {
    return <Icon name="file" />;
  }
  return upload.contentType.startsWith("video/") ? (
    <video muted preload="metadata" src={upload.preview} />
  ) : (
    <img alt="" src={upload.preview} />
  );
}
