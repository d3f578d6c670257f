/** The HTTP API's routes as methods: tickets, chats and their members, messages, people, files, search. */
import type * as protocol from "../protocol/types.ts";
import type { Rest } from "./rest.ts";
import { type Claims, readClaims } from "./tokens.ts";

type Place = { readonly after: number } | { readonly before: number } | { readonly around: number } | object;

/** One user's view of the HTTP API. Every method throws what `Rest.request` throws. */
export class Api {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** A ticket for one WebSocket connection, and the claims of the token that it stands for. */
  async createTicket(): Promise<{ ticket: string; claims: Claims }> {
    const claims = readClaims(await this.#rest.token());
    const { ticket } = await this.#rest.request<protocol.Ticket>("POST", "/tickets");
    return { ticket, claims };
  }

  signOutEverywhere = () =>
    this.#rest.request<protocol.Done>("POST", "/sign-out", { body: { everywhere: true } });

  // Chats and members.

  async chats(): Promise<readonly protocol.Chat[]> {
    const chats: protocol.Chat[] = [];
    let cursor: string | undefined;
    do {
      const page: protocol.ChatsBody = await this.#rest.request("GET", "/chats", {
        query: { limit: 100, cursor },
      });
      chats.push(...page.chats);
      cursor = page.next;
    } while (cursor !== undefined);
    return chats;
  }

  createChat = (body: protocol.CreateDirect | protocol.CreateGroup | protocol.CreateChannel) =>
    this.#rest.request<protocol.Chat>("POST", "/chats", { body });

  chat = (chatId: string) => this.#rest.request<protocol.Chat>("GET", chatPath(chatId));

  renameChat = (chatId: string, name: string) =>
    this.#rest.request<protocol.Chat>("PATCH", chatPath(chatId), { body: { name } });

  mute = (chatId: string, until: string | null) =>
    this.#rest.request<protocol.Chat>("PUT", `${chatPath(chatId)}/mute`, {
      body: until === null ? {} : { until },
    });

  members = (chatId: string) =>
    this.#rest.request<protocol.MembersBody>("GET", `${chatPath(chatId)}/members`);

  setMember = (chatId: string, userId: string, role: protocol.Member["role"] | null) =>
    this.#rest.request<protocol.RoleBody>("PUT", memberPath(chatId, userId), {
      body: role === null ? {} : { role },
    });

  removeMember = (chatId: string, userId: string) =>
    this.#rest.request<protocol.Done>("DELETE", memberPath(chatId, userId));

  channels = (q: string) =>
    this.#rest.request<protocol.ChannelsBody>("GET", "/channels", { query: { q: q || undefined } });

  // Messages.

  messages = (chatId: string, place: Place, limit: number) =>
    this.#rest.request<protocol.MessagesBody>("GET", `${chatPath(chatId)}/messages`, {
      query: { ...place, limit },
    });

  edit = (chatId: string, seq: number, text: string) =>
    this.#rest.request<protocol.ChangedBody>("PATCH", messagePath(chatId, seq), { body: { text } });

  delete = (chatId: string, seq: number) =>
    this.#rest.request<protocol.ChangedBody>("DELETE", messagePath(chatId, seq));

  react(chatId: string, seq: number, emoji: string | null): Promise<protocol.ChangedBody> {
    const path = `${messagePath(chatId, seq)}/reaction`;
    return emoji === null
      ? this.#rest.request("DELETE", path)
      : this.#rest.request("PUT", path, { body: { emoji } });
  }

  search = (q: string, chatId: string | null, cursor?: string) =>
    this.#rest.request<protocol.SearchBody>("GET", "/search", {
      query: { q, chatId: chatId ?? undefined, cursor },
    });

  report = (body: protocol.CreateReport) => this.#rest.request<protocol.Report>("POST", "/reports", { body });

  // Files.

  requestUpload = (body: protocol.RequestUpload) =>
    this.#rest.request<protocol.Upload>("POST", "/upload-url", { body });

  download = (chatId: string, mediaId: string) =>
    this.#rest.request<protocol.Download>("GET", `${chatPath(chatId)}/media/${encodeURIComponent(mediaId)}`);

  /** The link to all avatars. */
  avatars = () => this.#rest.request<protocol.AvatarsLink>("GET", "/avatars");

  // People.

  users = (q: string) => this.#rest.request<protocol.UsersBody>("GET", "/users", { query: { q } });

  user = (userId: string) => this.#rest.request<protocol.User>("GET", `/users/${encodeURIComponent(userId)}`);

  me = () => this.#rest.request<protocol.User>("GET", "/users/me");

  updateMe = (body: protocol.UpdateUser) => this.#rest.request<protocol.User>("PATCH", "/users/me", { body });

  deleteMe = () => this.#rest.request<protocol.Deletion>("DELETE", "/users/me");

  async blocks(): Promise<readonly protocol.User[]> {
    const users: protocol.User[] = [];
    let cursor: string | undefined;
    do {
      const page: protocol.BlocksBody = await this.#rest.request("GET", "/users/me/blocks", {
        query: { cursor },
      });
      users.push(...page.users);
      cursor = page.next;
    } while (cursor !== undefined);
    return users;
  }

  block = (userId: string) =>
    this.#rest.request<protocol.User>("PUT", `/users/me/blocks/${encodeURIComponent(userId)}`);

  unblock = (userId: string) =>
    this.#rest.request<protocol.Done>("DELETE", `/users/me/blocks/${encodeURIComponent(userId)}`);

  requestExport = () => this.#rest.request<protocol.Export>("POST", "/users/me/export");

  exportState = () => this.#rest.request<protocol.Export>("GET", "/users/me/export");

  // Notifications.

  pushKey = () => this.#rest.request<protocol.PushKey>("GET", "/push-key");

  subscribe = (body: protocol.Subscribe) =>
    this.#rest.request<protocol.Subscribed>("PUT", "/users/me/push-subscriptions", { body });

  unsubscribe = (subscriptionId: string) =>
    this.#rest.request<protocol.Done>("DELETE", `/users/me/push-subscriptions/${subscriptionId}`);
}

function chatPath(chatId: string): string {
  return `/chats/${encodeURIComponent(chatId)}`;
}

function memberPath(chatId: string, userId: string): string {
  return `${chatPath(chatId)}/members/${encodeURIComponent(userId)}`;
}

function messagePath(chatId: string, seq: number): string {
  return `${chatPath(chatId)}/messages/${seq}`;
}
