/** The fake model's messages: sending, changing, files and searching. */
import type { MessageActions } from "../actions.ts";
import { begunUpload } from "../begunUpload.ts";
import type { ShownMessage, Upload } from "../state.ts";
import { type FakeModel, unsent, withNumbers } from "./fakeModel.ts";
import { ME, message } from "./world.ts";

const STEPS = 5;

export function messageActions(model: FakeModel): MessageActions {
  let made = 0;
  const post = async (chatId: string, unsentMessage: ShownMessage) => {
    await model.answer();
    if (model.getSnapshot().connection.state !== "online") {
      return;
    }
    const chat = model.chat(chatId);
    const sent = { ...unsentMessage, seq: chat.messages.length + 1, outgoing: null };
    chat.messages.push(sent);
    chat.readSeq = chat.messages.length;
    model.setConversation((open) =>
      open.chatId === chatId ? { ...open, messages: placed(open.messages, sent), lastSeq: sent.seq } : open,
    );
    model.refresh();
  };
  const setUpload = (uploadId: string, part: Partial<Upload>) =>
    model.setConversation((open) => ({
      ...open,
      uploads: open.uploads.map((one) => (one.uploadId === uploadId ? { ...one, ...part } : one)),
    }));
  const transfer = async (uploadId: string, bytes: number) => {
    for (let step = 1; step <= STEPS; step += 1) {
      await model.answer();
      setUpload(uploadId, { sentBytes: (bytes * step) / STEPS });
    }
    setUpload(uploadId, { state: "ready" });
  };
  return {
    send({ text, replyTo, mentions, uploadId }) {
      const open = model.getSnapshot().conversation;
      if (open === null) {
        return;
      }
      made += 1;
      const upload = open.uploads.find((one) => one.uploadId === uploadId);
      const online = model.getSnapshot().connection.state === "online";
      const unsentMessage = message(ME.userId, model.now(), text, {
        id: `m-made-${made}`,
        replyTo: replyTo ?? null,
        mentions: mentions ?? [],
        outgoing: { state: online ? "sending" : "waiting" },
        attachment: upload === undefined ? null : attachmentOf(upload),
      });
      model.setConversation((now) => ({
        ...now,
        messages: [...now.messages, unsentMessage],
        uploads: now.uploads.filter((one) => one !== upload),
      }));
      void post(open.chatId, unsentMessage);
    },
    retry(id) {
      const open = model.getSnapshot().conversation;
      const found = open?.messages.find((one) => one.id === id);
      if (open && found) {
        void post(open.chatId, found);
      }
    },
    discard(id) {
      model.setConversation((open) => ({ ...open, messages: open.messages.filter((one) => one.id !== id) }));
    },
    async edit(seq, text) {
      await model.answer();
      change(model, seq, { text, edited: true });
    },
    async delete(seq) {
      await model.answer();
      change(model, seq, { text: "", deleted: true, attachment: null, reactions: [] });
    },
    async react(seq, emoji) {
      await model.answer();
      const found = model.open?.messages[seq - 1];
      const others = (found?.reactions ?? [])
        .map((one) => ({ ...one, userIds: one.userIds.filter((id) => id !== ME.userId), mine: false }))
        .filter((one) => one.userIds.length > 0);
      const same = others.find((one) => one.emoji === emoji);
      const mine = { emoji: emoji ?? "", userIds: [...(same?.userIds ?? []), ME.userId], mine: true };
      change(model, seq, {
        reactions: emoji === null ? others : [...others.filter((one) => one !== same), mine],
      });
    },
    report: () => model.answer(),
    upload(file) {
      made += 1;
      const uploadId = `upload-${made}`;
      const upload = begunUpload(uploadId, file);
      model.setConversation((open) => ({ ...open, uploads: [...open.uploads, upload] }));
      void transfer(uploadId, file.size);
    },
    cancelUpload(uploadId) {
      model.setConversation((open) => ({
        ...open,
        uploads: open.uploads.filter((one) => one.uploadId !== uploadId),
      }));
    },
    retryUpload(uploadId) {
      setUpload(uploadId, { state: "uploading", sentBytes: 0, reason: "" });
      void transfer(uploadId, 1);
    },
    async mediaUrl() {
      await model.answer();
      return "/icon.svg";
    },
    search(query, chatId) {
      if (query.length < 2) {
        model.set({ search: null });
        return;
      }
      const chats = [...model.chats.values()].filter((chat) => chatId === null || chat.chatId === chatId);
      const hits = chats.flatMap((chat) =>
        chat.messages
          .filter((one) => one.text.toLowerCase().includes(query.toLowerCase()))
          .map((one) => ({ chatId: chat.chatId, message: one })),
      );
      hits.sort((a, b) => b.message.sentAt - a.message.sentAt);
      model.set({
        search: { query, chatId, hits: hits.slice(0, 50), searching: false, hasMore: false, failure: "" },
      });
    },
    searchMore() {},
  };
}

function change(model: FakeModel, seq: number, part: Partial<ShownMessage>): void {
  if (model.open !== null) {
    model.replace(model.open.chatId, seq, part);
  }
}

/** The messages of the screen once one of them has its number: before those that are still to be sent. */
function placed(messages: readonly ShownMessage[], sent: ShownMessage): readonly ShownMessage[] {
  return [...withNumbers(messages), sent, ...unsent(messages).filter((one) => one.id !== sent.id)];
}

function attachmentOf(upload: Upload): ShownMessage["attachment"] {
  return {
    mediaId: upload.uploadId,
    name: upload.name,
    contentType: upload.contentType,
    bytes: upload.bytes,
    preview: upload.preview,
    ...(upload.width === null ? {} : { width: upload.width }),
    ...(upload.height === null ? {} : { height: upload.height }),
  };
}
