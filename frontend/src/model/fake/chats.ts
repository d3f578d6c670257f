/** The fake model's chats: opening, paging, making, and who is in them. */
import type { ChatActions } from "../actions.ts";
import type { Conversation } from "../state.ts";
import { type FakeModel, unsent, withNumbers } from "./fakeModel.ts";
import { type FakeChat, ME, member, PEOPLE, person } from "./world.ts";

const PAGE = 50;

export function chatActions(model: FakeModel): ChatActions {
  let made = 0;
  const show = (chat: FakeChat, from: number, to: number, jumpTo: number | null) =>
    model.set({ conversation: conversation(chat, from, to, jumpTo) });
  const add = (chat: Pick<FakeChat, "chatId" | "kind" | "name" | "otherId" | "members">) => {
    model.chats.set(chat.chatId, {
      ...chat,
      role: chat.kind === "direct" ? "member" : "owner",
      messages: [],
      readSeq: 0,
      mutedUntil: null,
      draft: "",
      writing: [],
    });
    model.refresh();
    return chat.chatId;
  };
  const setMembers = (chatId: string, change: (chat: FakeChat) => FakeChat["members"]) => {
    const chat = model.chat(chatId);
    chat.members = change(chat);
    model.setConversation((open) => (open.chatId === chatId ? { ...open, members: chat.members } : open));
  };
  return {
    openChat(chatId, seq) {
      if (chatId === null) {
        model.set({ conversation: null });
        return;
      }
      const chat = model.chat(chatId);
      const centre = seq ?? Math.min(chat.readSeq + 1, chat.messages.length);
      show(chat, centre - PAGE, centre + PAGE, seq ?? null);
    },
    loadBefore() {
      void load(model, "before", ([from, to]) => [from - PAGE, to]);
    },
    loadAfter() {
      void load(model, "after", ([from, to]) => [from, to + PAGE]);
    },
    loadAround(seq) {
      void load(model, "around", () => [seq - PAGE, seq + PAGE], seq);
    },
    async goToTime(time) {
      await model.answer();
      const index = model.open?.messages.findIndex((one) => one.sentAt >= time) ?? -1;
      if (index >= 0) {
        void load(model, "around", () => [index + 1 - PAGE, index + 1 + PAGE], index + 1);
      }
      return index >= 0;
    },
    loadQuoted(seq) {
      const chat = model.open;
      void model
        .answer()
        .then(() =>
          model.setConversation((open) =>
            open.chatId === chat?.chatId
              ? { ...open, quoted: { ...open.quoted, [seq]: chat.messages[seq - 1] ?? null } }
              : open,
          ),
        );
    },
    loadNewest() {
      const end = model.open?.messages.length ?? 0;
      void load(model, "around", () => [end - PAGE, end], "end");
    },
    jumped() {
      model.setConversation((open) => ({ ...open, jumpTo: null }));
    },
    markRead(seq) {
      if (model.open !== null && seq > model.open.readSeq) {
        model.open.readSeq = seq;
        model.refresh();
      }
    },
    typing() {},
    saveDraft(chatId, text) {
      model.chat(chatId).draft = text;
      model.refresh();
    },
    async createDirectChat(userId) {
      await model.answer();
      const chatId = `dm:${[ME.userId, userId].sort().join(":")}`;
      if (model.chats.has(chatId)) {
        return chatId;
      }
      const members = [member(ME, "member", 0), member(person(userId), "member", 0)];
      return add({ chatId, kind: "direct", name: "", otherId: userId, members });
    },
    async createGroup(name, memberIds) {
      await model.answer();
      made += 1;
      const others = memberIds.map((userId) => member(person(userId), "member", 0));
      const members = [member(ME, "owner", 0), ...others];
      return add({ chatId: `g:made-${made}`, kind: "group", name, otherId: null, members });
    },
    async createChannel(name) {
      await model.answer();
      made += 1;
      const members = [member(ME, "owner", 0)];
      return add({ chatId: `c:made-${made}`, kind: "channel", name, otherId: null, members });
    },
    async joinChannel(chatId) {
      await model.answer();
      if (!model.chats.has(chatId)) {
        add({ chatId, kind: "channel", name: "Platform changes", otherId: null, members: [] });
        model.chat(chatId).role = "member";
      }
    },
    async leaveChat(chatId) {
      await model.answer();
      model.chats.delete(chatId);
      model.set({ conversation: null });
      model.refresh();
    },
    async renameChat(chatId, name) {
      await model.answer();
      model.chat(chatId).name = name;
      model.refresh();
    },
    async addMember(chatId, userId) {
      await model.answer();
      setMembers(chatId, (chat) => [...chat.members, member(person(userId), "member", 0)]);
    },
    async setRole(chatId, userId, role) {
      await model.answer();
      setMembers(chatId, (chat) =>
        chat.members.map((one) => (one.user.userId === userId ? { ...one, role } : one)),
      );
    },
    async removeMember(chatId, userId) {
      await model.answer();
      setMembers(chatId, (chat) => chat.members.filter((one) => one.user.userId !== userId));
    },
    async mute(chatId, until) {
      await model.answer();
      model.chat(chatId).mutedUntil = until;
      model.refresh();
    },
    async findUsers(query) {
      await model.answer();
      return PEOPLE.filter((user) => user.username.startsWith(query.toLowerCase()) && user !== ME);
    },
    async findChannels(query) {
      await model.answer();
      const channels = [
        { chatId: "c:news", name: "Line news" },
        { chatId: "c:platforms", name: "Platform changes" },
      ];
      return channels.filter((channel) => channel.name.toLowerCase().startsWith(query.toLowerCase()));
    },
    async profile(userId) {
      await model.answer();
      return person(userId);
    },
  };
}

/** Loads another stretch into the open chat, after the time that the fake service takes. */
async function load(
  model: FakeModel,
  loading: "before" | "after" | "around",
  stretch: (now: [number, number]) => [number, number],
  jumpTo: Conversation["jumpTo"] = null,
): Promise<void> {
  const chat = model.open;
  if (chat === null || model.getSnapshot().conversation?.loading !== null) {
    return;
  }
  model.setConversation((open) => ({ ...open, loading }));
  await model.answer();
  model.setConversation((open) => {
    const numbers = withNumbers(open.messages).map((one) => one.seq ?? 0);
    const [from, to] = stretch([numbers[0] ?? 1, numbers.at(-1) ?? 0]);
    const next = conversation(chat, from, to, jumpTo);
    const messages = next.hasAfter ? next.messages : [...next.messages, ...unsent(open.messages)];
    const { unreadFrom, quoted } = open;
    return open.chatId === chat.chatId ? { ...next, messages, unreadFrom, quoted } : open;
  });
}

function conversation(
  chat: FakeChat,
  from: number,
  to: number,
  jumpTo: Conversation["jumpTo"],
): Conversation {
  const first = Math.max(1, from);
  const others = chat.members.filter((one) => one.user.userId !== ME.userId);
  const least = (seqs: readonly number[]) => (seqs.length === 0 ? 0 : Math.min(...seqs));
  const leads = chat.role !== "member";
  return {
    chatId: chat.chatId,
    messages: chat.messages.slice(first - 1, to),
    hasBefore: first > 1,
    hasAfter: to < chat.messages.length,
    loading: null,
    firstSeq: 1,
    lastSeq: chat.messages.length,
    unreadFrom: chat.readSeq < chat.messages.length ? chat.readSeq + 1 : null,
    jumpTo,
    quoted: {},
    members: chat.members,
    deliveredSeq: chat.kind === "channel" ? 0 : least(others.map((one) => one.deliveredSeq)),
    readSeq: chat.kind === "channel" ? 0 : least(others.map((one) => one.readSeq)),
    may: {
      write: chat.kind !== "channel" || leads,
      rename: chat.kind !== "direct" && leads,
      addMembers: chat.kind === "group" && leads,
      removeMembers: chat.kind !== "direct" && leads,
      giveRoles: chat.role === "owner",
      deleteAny: chat.kind !== "direct" && leads,
      leave: chat.kind !== "direct",
    },
    blocked: false,
    uploads: [],
  };
}
