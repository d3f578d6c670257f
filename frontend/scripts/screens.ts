/** Every screen that the client has, and how one comes to it on the fake model: for pictures, and for axe. */
import type { FakeModel } from "../src/model/fake/fakeModel.ts";
import type { Connection, Upload, User } from "../src/model/state.ts";
import { go } from "../src/screens/routes.ts";
import ridge from "./ridge.svg";

interface Screen {
  /** A selector of what is there once the screen is. */
  readonly shows: string;
  /** Whether the screen is one of those that one is at most of the time. */
  readonly main?: true;
  readonly signedOut?: true;
  readonly open?: (model: FakeModel) => Promise<void> | void;
}

const BOB = "dm:u-alice:u-bob";
/** So long, in ms, something may take to appear. */
const PATIENCE = 20_000;

export const SCREENS: Readonly<Record<string, Screen>> = {
  "sign-in": { shows: ".auth-form", signedOut: true, main: true },
  "sign-up": { shows: "[name=email]", signedOut: true, open: () => press(".auth-footer button:last-child") },
  "forgot-password": {
    shows: ".auth-header p",
    signedOut: true,
    open: () => press(".auth-footer button:first-child"),
  },
  confirm: {
    shows: ".input-code",
    signedOut: true,
    open: (model) => model.set({ account: { stage: "confirming", username: "alice", sentTo: "a***@e***" } }),
  },
  "reset-password": {
    shows: ".input-code",
    signedOut: true,
    open: (model) => model.set({ account: { stage: "resetting", username: "alice", sentTo: "a***@e***" } }),
  },
  "second-factor": {
    shows: ".input-code",
    signedOut: true,
    open: (model) => model.set({ account: { stage: "challenged" } }),
  },
  chats: { shows: ".chat-row", main: true },
  "chats-loading": {
    shows: ".chat-list-skeleton",
    open: (model) => model.set({ chats: [], chatsKnown: false }),
  },
  "chats-none": { shows: ".chat-list .notice", open: (model) => model.set({ chats: [] }) },
  "chats-search": { shows: ".found-hit", open: () => type(".chat-list-search", "hut") },
  direct: { shows: ".message", main: true, open: () => chat(BOB) },
  group: {
    shows: ".conversation-writing",
    main: true,
    async open(model) {
      chat("g:climbers");
      await found(".message");
      model.chat("g:climbers").writing = ["u-farah"];
      model.refresh();
    },
  },
  "strange-names": { shows: ".conversation-writing", open: (model) => strange(model, null) },
  "strange-members": { shows: ".members .member", open: (model) => strange(model, "details") },
  channel: { shows: ".read-only", open: () => chat("c:news") },
  "empty-chat": { shows: ".message-list-empty", open: () => chat("dm:u-alice:u-emre") },
  "unknown-chat": {
    shows: ".home-main .notice .button",
    open: (model) => {
      model.set({ chats: model.getSnapshot().chats.filter((one) => one.chatId !== "c:news") });
      chat("c:news");
    },
  },
  offline: {
    shows: ".ticks-waiting",
    main: true,
    async open(model) {
      chat(BOB);
      await found(".composer");
      connection(model, { state: "offline", waiting: 1 });
      await type(".composer-text", "We are in the tunnel. This goes out on the other side.");
      await press(".composer-send:enabled");
    },
  },
  reconnecting: {
    shows: ".connection-bar",
    open(model) {
      chat(BOB);
      connection(model, { state: "reconnecting", retryAt: Date.now() + 8_000, waiting: 2 });
    },
  },
  refused: {
    shows: ".connection-broken",
    open: (model) => connection(model, { state: "refused", reason: "You have been signed out elsewhere." }),
  },
  "not-sent": {
    shows: ".refused",
    async open(model) {
      chat(BOB);
      await found(".message");
      model.actions.send({ text: "Too much at once?" });
      const reason = "You write more often than you may: wait a moment.";
      model.setConversation((open) => ({
        ...open,
        messages: open.messages.map((one) =>
          one.seq === null ? { ...one, outgoing: { state: "refused", reason } } : one,
        ),
      }));
    },
  },
  "message-menu": { shows: "[role=menu]", open: () => choose("Bob", "More") },
  reactions: { shows: ".emoji-picker", open: () => choose("Bob", "React") },
  delete: {
    shows: "dialog[open]",
    async open() {
      await choose("You", "More");
      await press(".menu-item-danger");
    },
  },
  report: {
    shows: ".report",
    async open() {
      await choose("Bob", "More");
      const items = [...document.querySelectorAll<HTMLElement>("[role=menuitem]")];
      items.find((item) => item.textContent.startsWith("Report"))?.click();
    },
  },
  "reply-with-files": {
    shows: ".tray",
    async open(model) {
      await choose("Bob", "Reply");
      model.setConversation((open) => ({ ...open, uploads: UPLOADS }));
    },
  },
  mention: {
    shows: "[role=listbox]",
    async open() {
      chat("g:climbers");
      await type(".composer-text", "@");
    },
  },
  "search-begin": {
    shows: ".go-to-day",
    open: () => go({ screen: "chat", chatId: "g:climbers", panel: "search" }),
  },
  search: {
    shows: ".panel .found-hit",
    async open() {
      go({ screen: "chat", chatId: "g:climbers", panel: "search" });
      await type(".panel input", "valley");
    },
  },
  "group-details": {
    shows: ".members .member",
    main: true,
    open: () => go({ screen: "chat", chatId: "g:climbers", panel: "details" }),
  },
  "direct-details": { shows: ".who", open: () => go({ screen: "chat", chatId: BOB, panel: "details" }) },
  "add-member": {
    shows: ".people",
    async open() {
      go({ screen: "chat", chatId: "g:climbers", panel: "details" });
      await press(".members .button");
    },
  },
  blocked: {
    shows: ".read-only .button",
    async open(model) {
      chat(BOB);
      await found(".composer");
      await model.actions.block("u-bob");
    },
  },
  "new-chat": { shows: ".listed", main: true, open: () => go({ screen: "new", kind: null }) },
  "new-direct": {
    shows: ".person",
    async open() {
      go({ screen: "new", kind: "direct" });
      await type(".people input", "fa");
    },
  },
  "new-group": {
    shows: ".chip",
    async open() {
      go({ screen: "new", kind: "group" });
      await type(".people input", "bo");
      await press(".person");
    },
  },
  "new-channel": { shows: ".form .field", open: () => go({ screen: "new", kind: "channel" }) },
  settings: { shows: ".settings .button-danger", main: true, open: () => go({ screen: "settings" }) },
  picture: {
    shows: ".picture-drawn",
    async open() {
      go({ screen: "settings" });
      const input = (await found(".own-picture input")) as HTMLInputElement;
      const files = new DataTransfer();
      files.items.add(await photograph());
      input.files = files.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  },
  authenticator: {
    shows: ".qr-code",
    async open() {
      go({ screen: "settings" });
      await press(".settings .second-factor .button");
    },
  },
  "delete-account": {
    shows: "dialog[open]",
    async open() {
      go({ screen: "settings" });
      await press(".settings .button-danger");
    },
  },
  shortcuts: {
    shows: ".shortcuts",
    async open() {
      await found(".chat-row");
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
    },
  },
};

/** Brings the page to a screen; resolves once the screen is there. */
export async function open(model: FakeModel, name: string): Promise<void> {
  const screen = SCREENS[name];
  if (screen === undefined) {
    throw new Error(`There is no screen ${name}: choose one of ${Object.keys(SCREENS).join(", ")}.`);
  }
  await found(screen.signedOut ? ".auth-form" : ".home");
  await screen.open?.(model);
  await found(screen.shows);
  await document.fonts.ready;
}

const UPLOADS: readonly Upload[] = [
  upload("1", { name: "ridge-at-dawn.jpg", sentBytes: 900_000, preview: ridge }),
  upload("2", { name: "route.pdf", contentType: "application/pdf", state: "ready" }),
  upload("3", { name: "film.mov", state: "failed", reason: "Files of this type are not taken." }),
];

function upload(uploadId: string, part: Partial<Upload>): Upload {
  return {
    uploadId,
    name: "",
    contentType: "image/jpeg",
    bytes: 2_400_000,
    sentBytes: 0,
    state: "uploading",
    reason: "",
    preview: null,
    width: null,
    height: null,
    ...part,
  };
}

const LONG = "Wolfeschlegelsteinhausenbergerdorff".repeat(6).slice(0, 200);
const NAMES: Readonly<Record<string, string>> = { "u-bob": LONG, "u-farah": "فرح حداد (محطة)" };

/** A group whose names and messages are hard to place: too long for any line, or written from right to left. */
async function strange(model: FakeModel, panel: "details" | null): Promise<void> {
  const chatId = "g:climbers";
  go({ screen: "chat", chatId, panel });
  await found(panel === null ? ".message" : ".member");
  model.receive(chatId, "u-chiara", "x".repeat(4_096));
  model.receive(chatId, "u-bob", "😀👍🏽");
  model.receive(chatId, "u-farah", "مرحبا https://example.org/a?b=1 (5) ok");
  model.chat(chatId).writing = ["u-farah"];
  model.refresh();
  const named = (user: User): User => ({ ...user, displayName: NAMES[user.userId] ?? user.username });
  model.update((state) => ({
    ...state,
    people: Object.fromEntries(Object.values(state.people).map((user) => [user.userId, named(user)])),
    chats: state.chats.map((row) => (row.chatId === chatId ? { ...row, title: LONG } : row)),
  }));
  model.setConversation((open) => ({
    ...open,
    members: open.members?.map((member) => ({ ...member, user: named(member.user) })) ?? null,
  }));
}

function chat(chatId: string): void {
  go({ screen: "chat", chatId, panel: null });
}

/** Opens the direct chat, goes to somebody's last text there, and presses a button of its bar. */
async function choose(sender: string, button: string): Promise<void> {
  chat(BOB);
  await found(".message");
  const rows = [...document.querySelectorAll<HTMLElement>(`.message[aria-label^="${sender}"]`)];
  rows.findLast((row) => row.querySelector(".bubble-deleted, .attachment") === null)?.focus();
  await press(`.message-actions [aria-label="${button}"]`);
}

/** A picture that is higher than wide, with a face in its upper half. */
async function photograph(): Promise<File> {
  const canvas = new OffscreenCanvas(600, 900);
  const pen = canvas.getContext("2d");
  const draw = (colour: string, x: number, y: number, width: number, height: number) => {
    if (pen !== null) {
      pen.fillStyle = colour;
      pen.fillRect(x, y, width, height);
    }
  };
  draw("#cfe3e8", 0, 0, 600, 900);
  draw("#2f6f7e", 100, 560, 400, 340);
  draw("#e3b48f", 200, 220, 200, 300);
  return new File([await canvas.convertToBlob()], "me.png", { type: "image/png" });
}

function connection(model: FakeModel, part: Partial<Connection>): void {
  model.update((state) => ({ ...state, connection: { ...state.connection, ...part } }));
}

async function found(selector: string): Promise<HTMLElement> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    const element = document.querySelector<HTMLElement>(selector);
    if (element !== null) {
      return element;
    }
    await new Promise(requestAnimationFrame);
  }
  throw new Error(`Nothing appeared that is ${selector}.`);
}

async function press(selector: string): Promise<void> {
  (await found(selector)).click();
}

/** Types as an input method does: React hears of it. */
async function type(selector: string, text: string): Promise<void> {
  const field = await found(selector);
  field.focus();
  document.execCommand("insertText", false, text);
}
