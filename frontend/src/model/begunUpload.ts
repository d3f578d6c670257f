/** How an upload begins: what is known of a file before anything of it was sent. */
import type { Upload } from "./state.ts";

export function begunUpload(uploadId: string, file: File): Upload {
  const isShown = /^(image|video)\//.test(file.type);
  return {
    uploadId,
    name: file.name,
    contentType: file.type,
    bytes: file.size,
    sentBytes: 0,
    state: "uploading",
    reason: "",
    preview: isShown ? URL.createObjectURL(file) : null,
    width: null,
    height: null,
  };
}
