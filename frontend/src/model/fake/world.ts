/** The people and chats of the fake model: enough of each kind that every screen has something to show. */
import type { ChatKind, Member, Role, ShownMessage, User } from "../state.ts";
import { portrait } from "./portraits.ts";

export const ME: User = {
  userId: "u-alice",
  username: "alice",
  displayName: "Alice Moreau",
  about: "Trains, mountains, bread.",
};

export const PEOPLE: readonly User[] = [
  ME,
  {
    userId: "u-bob",
    username: "bob",
    displayName: "Bob Tanaka",
    about: "Mostly offline.",
    avatar: portrait("#cfe3e8", "#e3b48f", "#2b2320", "#2f6f7e"),
  },
  {
    userId: "u-chiara",
    username: "chiara",
    displayName: "Chiara Rossi",
    avatar: portrait("#f3dfc1", "#f0c7a4", "#7a3b1d", "#b3452f"),
  },
  { userId: "u-dev", username: "dev", displayName: "Dev Patel" },
  { userId: "u-emre", username: "emre" },
  { userId: "u-farah", username: "farah", displayName: "Farah Haddad" },
];

/** A chat as the fake service has it. */
export interface FakeChat {
  readonly chatId: string;
  readonly kind: ChatKind;
  name: string;
  readonly otherId: string | null;
  role: Role;
  messages: ShownMessage[];
  members: Member[];
  readSeq: number;
  mutedUntil: number | null;
  draft: string;
  writing: string[];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const LINES = [
  "Are we still on for Saturday?",
  "Yes! The 7:40 from platform 3.",
  "I’ll bring the rope and the small stove.",
  "Weather looks dry until Sunday noon.",
  "Perfect. Who has the hut key?",
  "Farah does, I’ll ask her.",
  "By the way, the guide says the north ridge is closed after last week’s rockfall. We could take the valley path instead; it is longer by an hour, but there is a spring halfway.",
  "Valley path it is.",
  "👍",
  "See https://example.org/huts for the booking.",
];

/** The same world each time; `now` is when it is. */
export function fakeChats(now: number, long: number): FakeChat[] {
  const climbers = groupOf(["u-bob", "u-chiara", "u-farah"]);
  const chats = [
    chat("dm:u-alice:u-bob", "direct", "", "u-bob", talk(["u-bob"], 64, now - 3 * MINUTE), [], 3),
    chat(
      "g:climbers",
      "group",
      "Climbers",
      null,
      talk(["u-bob", "u-chiara", "u-farah"], 180, now - 41 * MINUTE),
      climbers,
      12,
    ),
    chat(
      "dm:u-alice:u-chiara",
      "direct",
      "",
      "u-chiara",
      talk(["u-chiara"], 23, now - 5 * 60 * MINUTE),
      [],
      0,
    ),
    chat(
      "c:news",
      "channel",
      "Line news",
      null,
      talk(["u-dev"], 40, now - DAY),
      groupOf(["u-dev"], "owner"),
      1,
    ),
    chat(
      "g:archive",
      "group",
      "Long archive",
      null,
      talk(["u-dev", "u-emre"], long, now - 2 * DAY),
      groupOf(["u-dev", "u-emre"]),
      0,
    ),
    chat("dm:u-alice:u-emre", "direct", "", "u-emre", [], [], 0),
  ];
  for (const one of chats) {
    adorn(one);
  }
  return chats;
}

export function person(userId: string): User {
  return PEOPLE.find((user) => user.userId === userId) ?? { userId, username: userId };
}

export function message(
  senderId: string,
  sentAt: number,
  text: string,
  rest: Partial<ShownMessage> = {},
): ShownMessage {
  return {
    id: `m-${senderId}-${sentAt}`,
    seq: null,
    senderId,
    mine: senderId === ME.userId,
    sentAt,
    text,
    attachment: null,
    replyTo: null,
    mentions: [],
    edited: false,
    deleted: false,
    reactions: [],
    outgoing: null,
    ...rest,
  };
}

export function member(user: User, role: Role, seq: number): Member {
  return {
    user,
    role,
    deliveredSeq: seq,
    readSeq: seq,
    presence: { online: user.userId === "u-bob", lastSeen: null },
  };
}

function chat(
  chatId: string,
  kind: ChatKind,
  name: string,
  otherId: string | null,
  messages: ShownMessage[],
  others: Member[],
  unread: number,
): FakeChat {
  const owner = kind !== "channel";
  return {
    chatId,
    kind,
    name,
    otherId,
    role: owner && kind === "group" ? "owner" : "member",
    messages,
    members:
      otherId === null
        ? [...(owner ? [member(ME, "owner", messages.length)] : []), ...others]
        : [member(ME, "member", messages.length), member(person(otherId), "member", messages.length - 2)],
    readSeq: Math.max(0, messages.length - unread),
    mutedUntil: null,
    draft: "",
    writing: [],
  };
}

function groupOf(userIds: readonly string[], role: Role = "member"): Member[] {
  return userIds.map((userId) => member(person(userId), role, 20));
}

/** A talk of so many messages, the last of them at `end`, over as many days as it takes. */
function talk(others: readonly string[], count: number, end: number): ShownMessage[] {
  const senders = [ME.userId, ...others];
  return Array.from({ length: count }, (_, index) => {
    const sender = senders[Math.floor(index / 2) % senders.length] ?? ME.userId;
    const text = LINES[index % LINES.length] ?? "";
    const sentAt = end - (count - 1 - index) * 11 * MINUTE;
    return message(sender, sentAt, text, { id: `m-${others.join("-")}-${index}`, seq: index + 1 });
  });
}

/** Gives some messages what messages can have: replies, reactions, an edit, a deletion, files. */
function adorn(one: FakeChat): void {
  const change = (fromEnd: number, rest: Partial<ShownMessage>) => {
    const index = one.messages.length - fromEnd;
    const found = one.messages[index];
    if (found !== undefined) {
      one.messages[index] = { ...found, ...rest };
    }
  };
  change(4, { replyTo: Math.max(1, one.messages.length - 9), edited: true });
  change(6, {
    reactions: [
      { emoji: "🎉", userIds: ["u-bob", ME.userId], mine: true },
      { emoji: "👀", userIds: ["u-chiara"], mine: false },
    ],
  });
  change(8, { deleted: true, text: "" });
  change(7, { text: `@${ME.username} can you book the hut?`, mentions: [ME.userId] });
  change(5, {
    text: "",
    attachment: {
      mediaId: "media-ridge",
      name: "ridge.jpg",
      contentType: "image/jpeg",
      bytes: 482_133,
      width: 1200,
      height: 800,
      preview: null,
    },
  });
  change(10, {
    attachment: {
      mediaId: "media-route",
      name: "route.pdf",
      contentType: "application/pdf",
      bytes: 91_204,
      preview: null,
    },
  });
}
