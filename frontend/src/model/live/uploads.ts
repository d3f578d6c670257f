/** Files on their way: each goes straight to storage, and a message takes it along once it is there. */
import type { NewMessage } from "../../core/values.ts";
import { postFile } from "../../driver/fileForm.ts";
import { begunUpload } from "../begunUpload.ts";
import type { ShownMessage, Upload } from "../state.ts";
import type { LiveModel } from "./liveModel.ts";

interface Transfer {
  readonly file: File;
  readonly chatId: string;
  mediaId: string | null;
  abort: () => void;
  /** What goes with it, once it is there. */
  ready: ((mediaId: string) => void) | null;
}

export class Uploads {
  readonly #model: LiveModel;
  readonly #transfers = new Map<string, Transfer>();
  #count = 0;

  constructor(model: LiveModel) {
    this.#model = model;
  }

  /** Begins to upload a file for the open chat. */
  add(file: File): void {
    const chatId = this.#model.open?.chatId;
    if (chatId === undefined) {
      return;
    }
    this.#count += 1;
    const uploadId = `upload-${this.#count}`;
    this.#transfers.set(uploadId, { file, chatId, mediaId: null, abort: () => undefined, ready: null });
    this.#show([...this.#model.uploads, begunUpload(uploadId, file)]);
    void this.#measure(uploadId, file);
    void this.#transfer(uploadId);
  }

  cancel(uploadId: string): void {
    this.#transfers.get(uploadId)?.abort();
    this.#transfers.delete(uploadId);
    this.#show(this.#model.uploads.filter((upload) => upload.uploadId !== uploadId));
  }

  retry(uploadId: string): void {
    this.#set(uploadId, { state: "uploading", sentBytes: 0, reason: "" });
    void this.#transfer(uploadId);
  }

  /** Sends a message with a file: at once where it is there, else when it is. */
  sendWith(uploadId: string, message: NewMessage, send: (message: NewMessage) => void): void {
    const transfer = this.#transfers.get(uploadId);
    const upload = this.#model.uploads.find((one) => one.uploadId === uploadId);
    if (transfer === undefined || upload === undefined) {
      return;
    }
    const go = (mediaId: string) => {
      this.#drop(message.id);
      this.#transfers.delete(uploadId);
      const { width, height } = upload;
      const size = width === null || height === null ? {} : { width, height };
      send({ ...message, attachment: { mediaId, name: nameOf(upload.name), ...size } });
    };
    this.#show(this.#model.uploads.filter((one) => one !== upload));
    if (transfer.mediaId !== null) {
      go(transfer.mediaId);
      return;
    }
    transfer.ready = go;
    this.#model.uploading = [...this.#model.uploading, this.#waiting(message, upload)];
    this.#model.render();
  }

  async #transfer(uploadId: string): Promise<void> {
    const transfer = this.#transfers.get(uploadId);
    if (transfer === undefined) {
      return;
    }
    const { file, chatId } = transfer;
    try {
      const form = await this.#model.api.requestUpload({ chatId, contentType: file.type, bytes: file.size });
      const progress = (sentBytes: number) => this.#set(uploadId, { sentBytes });
      const started = (abort: () => void) => {
        transfer.abort = abort;
      };
      await postFile(form, file, { progress, started });
      transfer.mediaId = form.mediaId;
      this.#set(uploadId, { state: "ready", sentBytes: file.size });
      transfer.ready?.(form.mediaId);
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault);
      this.#set(uploadId, { state: "failed", reason });
    }
  }

  /** Learns how large an image is, so that its place is kept free where it is shown. */
  async #measure(uploadId: string, file: File): Promise<void> {
    if (file.type.startsWith("image/")) {
      const image = await createImageBitmap(file).catch(() => null); // it is shown without
      if (image !== null) {
        this.#set(uploadId, { width: image.width, height: image.height });
        image.close();
      }
    }
  }

  #waiting(message: NewMessage, upload: Upload): ShownMessage {
    const { name, contentType, bytes, sentBytes, preview, width, height } = upload;
    const size = width === null || height === null ? {} : { width, height };
    return {
      id: message.id,
      seq: null,
      senderId: this.#model.userId,
      mine: true,
      sentAt: Date.now(),
      text: message.text,
      attachment: { mediaId: null, name, contentType, bytes, preview, ...size },
      replyTo: message.replyTo ?? null,
      mentions: message.mentions ?? [],
      edited: false,
      deleted: false,
      reactions: [],
      outgoing: { state: "uploading", sentBytes, bytes },
    };
  }

  #drop(id: string): void {
    this.#model.uploading = this.#model.uploading.filter((message) => message.id !== id);
    this.#model.render();
  }

  #set(uploadId: string, part: Partial<Upload>): void {
    this.#show(
      this.#model.uploads.map((upload) => (upload.uploadId === uploadId ? { ...upload, ...part } : upload)),
    );
  }

  #show(uploads: readonly Upload[]): void {
    this.#model.uploads = uploads;
    this.#model.render();
  }
}

/** A name as the protocol takes it: docs/protocol.md, *AttachmentDraft*. */
function nameOf(name: string): string {
  return name.replace(/[/\\\p{Cc}\p{Bidi_Control}]/gu, "_").slice(0, 255) || "file";
}
