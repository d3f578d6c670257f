/** Files on their way: each goes straight to storage, and a message takes it along once it is there. */
import type { NewMessage } from "../../core/values.ts";
import { postFile } from "../../driver/fileForm.ts";
import { begunUpload } from "../begunUpload.ts";
import type { Outgoing, ShownMessage, Upload } from "../state.ts";
import type { LiveModel } from "./liveModel.ts";

/** A message that waits for its file. */
export interface UploadingMessage {
  readonly chatId: string;
  readonly message: ShownMessage;
}

interface Transfer {
  readonly file: File;
  readonly chatId: string;
  upload: Upload;
  mediaId: string | null;
  abort: () => void;
  waiting: Waiting | null;
}

/** What takes the file along, once it is there. */
interface Waiting {
  readonly message: NewMessage;
  readonly writtenAt: number;
  readonly send: (message: NewMessage) => void;
}

type Shown = Pick<LiveModel, "api" | "open" | "render" | "uploading" | "uploads" | "userId">;

export class Uploads {
  readonly #model: Shown;
  readonly #post: typeof postFile;
  readonly #transfers = new Map<string, Transfer>();
  #count = 0;

  constructor(model: Shown, post = postFile) {
    this.#model = model;
    this.#post = post;
  }

  /** Begins to upload a file for the open chat. */
  add(file: File): void {
    const chatId = this.#model.open?.chatId;
    if (chatId === undefined) {
      return;
    }
    this.#count += 1;
    const upload = begunUpload(`upload-${this.#count}`, file);
    const { uploadId } = upload;
    const abort = () => undefined;
    this.#transfers.set(uploadId, { file, chatId, upload, mediaId: null, abort, waiting: null });
    this.#show([...this.#model.uploads, upload]);
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
    if (transfer === undefined) {
      return;
    }
    transfer.waiting = { message, writtenAt: Date.now(), send };
    this.#show(this.#model.uploads.filter((upload) => upload.uploadId !== uploadId));
    if (transfer.mediaId !== null) {
      this.#send(transfer, transfer.mediaId);
      return;
    }
    const shown = this.#shown(transfer.upload, transfer.waiting);
    this.#model.uploading = [...this.#model.uploading, { chatId: transfer.chatId, message: shown }];
    this.#model.render();
  }

  /** Uploads the file anew that a message waits for; returns whether there is such a message. */
  retryMessage(id: string): boolean {
    const transfer = this.#waitingWith(id);
    if (transfer !== undefined) {
      this.retry(transfer.upload.uploadId);
    }
    return transfer !== undefined;
  }

  /** Gives up a message that waits for its file; returns whether there is one. */
  discardMessage(id: string): boolean {
    const transfer = this.#waitingWith(id);
    if (transfer !== undefined) {
      this.#drop(id);
      this.cancel(transfer.upload.uploadId);
    }
    return transfer !== undefined;
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
      await this.#post(form, file, { progress, started });
      transfer.mediaId = form.mediaId;
      this.#set(uploadId, { state: "ready", sentBytes: file.size });
      this.#send(transfer, form.mediaId);
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault);
      this.#set(uploadId, { state: "failed", reason });
    }
  }

  /** Sends what waits for a file that is there. */
  #send({ upload, waiting }: Transfer, mediaId: string): void {
    if (waiting === null) {
      return;
    }
    const { message, send } = waiting;
    this.#drop(message.id);
    this.#transfers.delete(upload.uploadId);
    send({ ...message, attachment: { mediaId, name: nameOf(upload.name), ...sizeOf(upload) } });
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

  #waitingWith(id: string): Transfer | undefined {
    return [...this.#transfers.values()].find((transfer) => transfer.waiting?.message.id === id);
  }

  #shown(upload: Upload, { message, writtenAt }: Waiting): ShownMessage {
    const { name, contentType, bytes, preview } = upload;
    return {
      id: message.id,
      seq: null,
      senderId: this.#model.userId,
      mine: true,
      sentAt: writtenAt,
      text: message.text,
      attachment: { mediaId: null, name, contentType, bytes, preview, ...sizeOf(upload) },
      replyTo: message.replyTo ?? null,
      mentions: message.mentions ?? [],
      edited: false,
      deleted: false,
      reactions: [],
      outgoing: outgoingOf(upload),
    };
  }

  #drop(id: string): void {
    this.#model.uploading = this.#model.uploading.filter(({ message }) => message.id !== id);
    this.#model.render();
  }

  /** An upload has got on, or has ended: shows it among those of the chat, or in the message that waits for it. */
  #set(uploadId: string, part: Partial<Upload>): void {
    const transfer = this.#transfers.get(uploadId);
    if (transfer === undefined) {
      return;
    }
    const upload = { ...transfer.upload, ...part };
    transfer.upload = upload;
    const { waiting } = transfer;
    if (waiting !== null) {
      this.#model.uploading = this.#model.uploading.map((one) =>
        one.message.id === waiting.message.id ? { ...one, message: this.#shown(upload, waiting) } : one,
      );
    }
    this.#show(this.#model.uploads.map((one) => (one.uploadId === uploadId ? upload : one)));
  }

  #show(uploads: readonly Upload[]): void {
    this.#model.uploads = uploads;
    this.#model.render();
  }
}

/** How a message stands whose file is on its way, or could not be brought. */
function outgoingOf({ state, sentBytes, bytes, reason }: Upload): Outgoing {
  return state === "failed" ? { state: "refused", reason } : { state: "uploading", sentBytes, bytes };
}

function sizeOf({ width, height }: Upload): { width: number; height: number } | object {
  return width === null || height === null ? {} : { width, height };
}

/** A name as the protocol takes it: docs/protocol.md, *AttachmentDraft*. */
function nameOf(name: string): string {
  return name.replace(/[/\\\p{Cc}\p{Bidi_Control}]/gu, "_").slice(0, 255) || "file";
}
