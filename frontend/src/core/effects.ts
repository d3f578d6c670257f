/** What the session asks its driver to do. A driver carries effects out in order and invents nothing. */
import type { Ping, Request } from "./clientFrames.ts";
import type { Event } from "./events.ts";
import type { Answer } from "./serverFrames.ts";

export type Effect =
  /** Get a ticket and open a WebSocket; answer with `opened` or `openFailed`, later with `lost`. */
  | { readonly effect: "openConnection"; readonly connection: number }
  /** Close a connection, or stop opening it. */
  | { readonly effect: "closeConnection"; readonly connection: number }
  | { readonly effect: "sendFrame"; readonly connection: number; readonly frame: Request | Ping }
  /** Call `timerFired` after `delay` seconds; a running timer of this name is replaced. */
  | { readonly effect: "startTimer"; readonly timer: string; readonly delay: number }
  | { readonly effect: "cancelTimer"; readonly timer: string }
  /** Fetch GET /chats; answer with `chatsListed` or `listingFailed`, naming this listing. */
  | { readonly effect: "listChats"; readonly listing: number }
  /** Hand an event to the application. */
  | { readonly effect: "notify"; readonly event: Event }
  /** Hand a query's answer to who asked. */
  | { readonly effect: "answerQuery"; readonly requestId: string; readonly answer: Answer }
  /** Tell who asked that no answer came in time. */
  | { readonly effect: "failQuery"; readonly requestId: string };

export type Emit = (effect: Effect) => void;
