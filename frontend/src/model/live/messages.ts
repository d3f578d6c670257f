/** Sending, changing, reporting and searching messages. */
import { ulid } from "../../core/ulid.ts";
import type { NewMessage } from "../../core/values.ts";
import type { ChangedBody } from "../../protocol/types.ts";
import type { MessageActions } from "../actions.ts";
import type { Search } from "../state.ts";
import { ask } from "./ask.ts";
import type { LiveModel } from "./liveModel.ts";
import { MediaLinks } from "./mediaLinks.ts";
import { Uploads } from "./uploads.ts";

export function messageActions(model: LiveModel): MessageActions {
  const uploads = new Uploads(model);
  const links = new MediaLinks((chatId, mediaId) => model.api.download(chatId, mediaId));
  let cursor: string | undefined;

  const queue = (chatId: string, message: NewMessage) =>
    model.queue({ chatId, message, writtenAt: Date.now(), refusal: null });
  const changed = (work: (chatId: string) => Promise<ChangedBody>) =>
    ask(async () => {
      const chatId = model.open?.chatId ?? "";
      const { change } = await work(chatId);
      if (change.message !== undefined) {
        await model.storage.keep(chatId, [change.message]);
        model.tabs.say({ news: "messages", chatId, messages: [change.message] });
      }
    });
  const find = async (search: Search, from: string | undefined): Promise<void> => {
    const before = model.getSnapshot().search;
    const isSame = () => {
      const now = model.getSnapshot().search;
      return now?.query === search.query && now.chatId === search.chatId;
    };
    try {
      const { hits, next } = await model.api.search(search.query, search.chatId, from);
      const found = hits.map(({ chatId, message }) => ({ chatId, message: model.shown(message) }));
      const all = [...(from === undefined ? [] : (before?.hits ?? [])), ...found];
      if (isSame()) {
        cursor = next;
        model.set({ search: { ...search, hits: all, searching: false, hasMore: next !== undefined } });
      }
    } catch (fault) {
      if (isSame()) {
        const failure = fault instanceof Error ? fault.message : String(fault);
        model.set({ search: { ...search, searching: false, failure } });
      }
    }
  };

  return {
    send({ text, replyTo, mentions, uploadId }) {
      const chatId = model.open?.chatId;
      if (chatId === undefined) {
        return;
      }
      const message: NewMessage = {
        id: ulid(),
        text,
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(mentions === undefined || mentions.length === 0 ? {} : { mentions }),
      };
      model.saveDraft(chatId, "");
      if (uploadId === undefined) {
        queue(chatId, message);
      } else {
        uploads.sendWith(uploadId, message, (ready) => queue(chatId, ready));
      }
    },
    retry(id) {
      const refused = uploads.retryMessage(id) ? undefined : model.discard(id);
      if (refused !== undefined) {
        queue(refused.chatId, { ...refused.message, id: ulid() });
      }
    },
    discard(id) {
      if (!uploads.discardMessage(id)) {
        model.discard(id);
      }
    },
    edit: (seq, text) => changed((chatId) => model.api.edit(chatId, seq, text)),
    delete: (seq) => changed((chatId) => model.api.delete(chatId, seq)),
    react: (seq, emoji) => changed((chatId) => model.api.react(chatId, seq, emoji)),
    report: (chatId, seq, reason, note) =>
      ask(async () => {
        await model.api.report({ chatId, seq, reason, ...(note === "" ? {} : { note }) });
      }),
    upload: (file) => uploads.add(file),
    cancelUpload: (uploadId) => uploads.cancel(uploadId),
    retryUpload: (uploadId) => uploads.retry(uploadId),
    mediaUrl: (chatId, mediaId) => ask(() => links.get(chatId, mediaId)),
    search(query, chatId) {
      if (query.trim().length < 2) {
        model.set({ search: null });
        return;
      }
      const search: Search = { query, chatId, hits: [], searching: true, hasMore: false, failure: "" };
      model.set({ search });
      void find(search, undefined);
    },
    searchMore() {
      const { search } = model.getSnapshot();
      if (search?.hasMore && !search.searching) {
        model.set({ search: { ...search, searching: true } });
        void find(search, cursor);
      }
    },
  };
}
