/** Opening, paging, making and leaving chats, and who is in them. */
import { ulid } from "../../core/ulid.ts";
import type { Chat } from "../../protocol/types.ts";
import type { ChatActions } from "../actions.ts";
import { ask } from "./ask.ts";
import type { LiveModel } from "./liveModel.ts";

export function chatActions(model: LiveModel): ChatActions {
  /** Waits until a chat that the service has just told of is in the list. */
  const shown = async (chat: Chat): Promise<string> => {
    model.tabs.wish({ wish: "discovered", chat });
    await new Promise<void>((there) => {
      const look = () => {
        if (model.record(chat.chatId) !== undefined) {
          unlisten();
          there();
        }
      };
      const unlisten = model.subscribe(look);
      look();
    });
    return chat.chatId;
  };
  const changed = (work: () => Promise<Chat>) =>
    ask(async () => model.tabs.wish({ wish: "discovered", chat: await work() }));
  const membersChanged = (chatId: string, work: () => Promise<unknown>) =>
    ask(async () => {
      await work();
      model.tabs.wish({ wish: "look", chatId });
    });
  return {
    openChat: (chatId, seq) => void model.openChat(chatId, seq),
    loadBefore: () => void model.open?.loadBefore(),
    loadAfter: () => void model.open?.loadAfter(),
    loadAround: (seq) => void model.open?.loadAround(seq, true),
    goToTime: (time) =>
      ask(async () => {
        const { open } = model;
        const seq = (await open?.firstSince(time)) ?? null;
        if (seq !== null) {
          void open?.loadAround(seq, true);
        }
        return seq !== null;
      }),
    loadQuoted: (seq) => void model.open?.loadQuoted(seq),
    loadNewest: () => void model.open?.loadNewest(true),
    jumped() {
      if (model.open !== null) {
        model.open.jumpTo = null;
        model.render();
      }
    },
    markRead(seq) {
      if (model.open !== null) {
        model.markRead(model.open.chatId, seq);
      }
    },
    typing() {
      if (model.open !== null) {
        model.tabs.wish({ wish: "type", chatId: model.open.chatId });
      }
    },
    saveDraft: (chatId, text) => model.saveDraft(chatId, text),
    createDirectChat: (userId) =>
      ask(async () => shown(await model.api.createChat({ kind: "direct", userId }))),
    createGroup: (name, memberIds, history) =>
      ask(async () =>
        shown(await model.api.createChat({ kind: "group", id: ulid(), name, memberIds, history })),
      ),
    createChannel: (name) =>
      ask(async () => shown(await model.api.createChat({ kind: "channel", id: ulid(), name }))),
    joinChannel: (chatId) =>
      ask(async () => {
        await model.api.setMember(chatId, model.userId, null);
        await shown(await model.api.chat(chatId));
      }),
    leaveChat: (chatId) =>
      ask(async () => {
        await model.api.removeMember(chatId, model.userId);
        if (model.open?.chatId === chatId) {
          await model.openChat(null);
        }
      }),
    renameChat: (chatId, name) => changed(() => model.api.renameChat(chatId, name)),
    addMember: (chatId, userId) => membersChanged(chatId, () => model.api.setMember(chatId, userId, null)),
    setRole: (chatId, userId, role) =>
      membersChanged(chatId, () => model.api.setMember(chatId, userId, role)),
    removeMember: (chatId, userId) => membersChanged(chatId, () => model.api.removeMember(chatId, userId)),
    mute: (chatId, until) =>
      changed(() => model.api.mute(chatId, until === null ? null : new Date(until).toISOString())),
    findUsers: (query) =>
      ask(async () => {
        const { users } = await model.api.users(query);
        model.people.meet(users);
        return users.filter((user) => user.userId !== model.userId);
      }),
    findChannels: (query) => ask(async () => (await model.api.channels(query)).channels),
    profile: (userId) =>
      ask(async () => {
        const user = await model.api.user(userId);
        model.people.meet([user]);
        return user;
      }),
  };
}
