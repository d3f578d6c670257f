/** Files go straight to storage, by a form that the service has filled in for one of them. */
import type { Upload } from "../protocol/types.ts";

/** What is to be known, and can be done, while a file is on its way. */
export interface Sending {
  /** Told how many of the file's bytes are there. */
  readonly progress?: (bytes: number) => void;
  /** Given what ends it. */
  readonly started?: (abort: () => void) => void;
}

/** Posts a file by its form. Throws an Error whose message is a sentence to show. */
export function postFile(
  { url, fields }: Pick<Upload, "url" | "fields">,
  file: Blob,
  { progress, started }: Sending = {},
): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of how far an upload is
    request.upload.onprogress = ({ loaded }) => progress?.(Math.min(loaded, file.size));
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new Error("Storage does not take the file: try again."));
    request.onerror = () => reject(new Error("The upload broke off: try again."));
    request.onabort = () => reject(new Error("The upload was cancelled."));
    request.open("POST", url);
    request.send(form);
    started?.(() => request.abort());
  });
}
