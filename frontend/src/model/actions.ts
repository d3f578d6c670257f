/**
 * What the screens can do. A promise resolves once it is done and rejects with a `ModelError`, whose message is a
 * sentence to show; what returns nothing is done on this device at once and told to the service when it can be.
 */
import type { AuthenticatorKey, Channel, Export, Role, User } from "./state.ts";

export class ModelError extends Error {
  override readonly name = "ModelError";
  /** The service's or Cognito's code, as in docs/protocol.md; `offline` where there is no connection. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface AccountActions {
  /** Goes to `confirming`. */
  signUp(details: {
    readonly username: string;
    readonly email: string;
    readonly password: string;
  }): Promise<void>;
  /** Confirms the address with the code of the mail; goes to `signedIn`, or `signedOut` after a reload. */
  confirm(code: string): Promise<void>;
  resendCode(): Promise<void>;
  signIn(username: string, password: string): Promise<void>;
  /** Gives the code of the authenticator app; goes to `signedIn`, or to `signedOut` where that took too long. */
  giveCode(code: string): Promise<void>;
  /** Leaves the page for an identity provider's; the page that it comes back to is signed in. */
  signInWith(provider: string): Promise<void>;
  /** Goes to `resetting`. */
  forgotPassword(username: string): Promise<void>;
  /** Chooses another password with the code of the mail, and signs in with it. */
  resetPassword(code: string, password: string): Promise<void>;
  /** Goes back to `signedOut`, from `confirming`, `resetting` or `challenged`. */
  backToSignIn(): void;
  /** Ends this device's session, or every one, and forgets what this device keeps. */
  signOut(where: "here" | "everywhere"): Promise<void>;
  /** Whether signing in asks for a code of an authenticator app. */
  hasSecondFactor(): Promise<boolean>;
  /** A secret for an authenticator app; it counts once `turnOnSecondFactor` has seen a code of it. */
  newSecondFactor(): Promise<AuthenticatorKey>;
  turnOnSecondFactor(code: string): Promise<void>;
  turnOffSecondFactor(): Promise<void>;
  updateProfile(changes: { readonly displayName?: string; readonly about?: string }): Promise<void>;
  /** Uploads a picture, of 1 MB at most, and is seen with it; `progress` is told what part of it is there, 0 to 1. */
  setAvatar(picture: Blob, progress: (part: number) => void): Promise<void>;
  removeAvatar(): Promise<void>;
  /** A picture could not be shown: sees what its user wears now. */
  missedAvatar(userId: string, avatar: string): void;
  blocks(): Promise<readonly User[]>;
  block(userId: string): Promise<void>;
  unblock(userId: string): Promise<void>;
  /** Has the archive made; `exportState` tells when it is ready. */
  requestExport(): Promise<Export>;
  /** How the archive stands that was asked for on this device; asks the service nothing where none was. */
  exportState(): Promise<Export>;
  deleteAccount(): Promise<void>;
  /** To be called by a gesture only: the browser asks for leave. */
  enableNotifications(): Promise<void>;
  disableNotifications(): Promise<void>;
}

export interface ChatActions {
  /** Opens a chat at its first unread message, or around `seq`; null closes what is open. */
  openChat(chatId: string | null, seq?: number): void;
  loadBefore(): void;
  loadAfter(): void;
  /** Loads the stretch around a message and asks the screen to show it, by `jumpTo`. */
  loadAround(seq: number): void;
  /** Goes to the first message since a time, in ms since the epoch; resolves to whether there is one. */
  goToTime(time: number): Promise<boolean>;
  /** Loads a message that is replied to and not in the stretch that is loaded, into `quoted`. */
  loadQuoted(seq: number): void;
  /** Loads the end, where the newest is, and asks the screen to show it, by `jumpTo`. */
  loadNewest(): void;
  jumped(): void;
  /** The user has seen the open chat up to here. */
  markRead(seq: number): void;
  /** To be called at each keystroke. */
  typing(): void;
  saveDraft(chatId: string, text: string): void;

  createDirectChat(userId: string): Promise<string>;
  createGroup(name: string, memberIds: readonly string[], history: "start" | "joining"): Promise<string>;
  createChannel(name: string): Promise<string>;
  joinChannel(chatId: string): Promise<void>;
  leaveChat(chatId: string): Promise<void>;
  renameChat(chatId: string, name: string): Promise<void>;
  addMember(chatId: string, userId: string): Promise<void>;
  setRole(chatId: string, userId: string, role: Role): Promise<void>;
  removeMember(chatId: string, userId: string): Promise<void>;
  /** Mutes until then, in milliseconds since the epoch; null ends it. */
  mute(chatId: string, until: number | null): Promise<void>;

  /** Users whose name begins so; two characters at least. */
  findUsers(query: string): Promise<readonly User[]>;
  findChannels(query: string): Promise<readonly Channel[]>;
  profile(userId: string): Promise<User>;
}

export interface NewText {
  readonly text: string;
  readonly replyTo?: number;
  readonly mentions?: readonly string[];
  /** An upload of the open chat; the message goes once the file is there. */
  readonly uploadId?: string;
}

export interface MessageActions {
  /** Shows the message at once, keeps it on this device, and sends it as soon as it can be. */
  send(message: NewText): void;
  /** Sends a refused message again. */
  retry(id: string): void;
  /** Takes a message back that was refused. */
  discard(id: string): void;
  edit(seq: number, text: string): Promise<void>;
  delete(seq: number): Promise<void>;
  /** Sets my reaction; null takes it back. */
  react(seq: number, emoji: string | null): Promise<void>;
  report(
    chatId: string,
    seq: number,
    reason: "spam" | "abuse" | "illegal" | "other",
    note: string,
  ): Promise<void>;

  /** Begins to upload a file for the open chat; `conversation.uploads` tells how it goes. */
  upload(file: File): void;
  cancelUpload(uploadId: string): void;
  retryUpload(uploadId: string): void;
  /** A link to a file of a chat, good for some minutes; kept as long. */
  mediaUrl(chatId: string, mediaId: string): Promise<string>;

  /** Searches one chat, or all of them; a search of less than two characters ends the search. */
  search(query: string, chatId: string | null): void;
  searchMore(): void;
}

export type Actions = AccountActions & ChatActions & MessageActions;
