/** What each frame of the service means: who takes it in, and which request it answers. */
import type { Activity } from "./activity.ts";
import type { CatchUp } from "./catchUp.ts";
import type { Request } from "./clientFrames.ts";
import type { Queries } from "./queries.ts";
import type { Receipts } from "./receipts.ts";
import type { Receiving } from "./receiving.ts";
import type { Requests } from "./requests.ts";
import type { Sending } from "./sending.ts";
import type { AckFrame, ErrorFrame, ReceiptFrame, Received, SyncFrame } from "./serverFrames.ts";
import { readChat, sinceOf } from "./values.ts";

/** The session's parts, each of which deals with some frames. */
export interface Parts {
  readonly requests: Requests;
  readonly sending: Sending;
  readonly catchUp: CatchUp;
  readonly receiving: Receiving;
  readonly receipts: Receipts;
  readonly activity: Activity;
  readonly queries: Queries;
}

/** Hands each frame, and each request that nobody will answer, to the part that it concerns. */
export class Dispatch {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Hands on a frame. One that is not named here says nothing but that the service lives. */
  received(frame: Received): void {
    const { activity, catchUp, queries, receiving, requests } = this.#parts;
    switch (frame.type) {
      case "message":
        receiving.takeIn(frame.chatId, [frame.message]);
        activity.wrote(frame.chatId, frame.message.senderId);
        break;
      case "ack":
        this.#acked(frame);
        break;
      case "sync":
        this.#synced(frame);
        break;
      case "receipt":
        this.#receipt(frame);
        break;
      case "typing":
        requests.finish(frame.requestId);
        if (frame.userId !== receiving.userId) {
          activity.writing(frame.chatId, frame.userId);
        }
        break;
      case "changed":
        receiving.takeIn(frame.chatId, [], [frame.change]);
        queries.answer(frame.requestId, frame);
        break;
      case "chat":
        catchUp.joined(readChat(frame.chat));
        queries.answer(frame.requestId, frame);
        break;
      case "left":
        catchUp.left(frame.chatId);
        queries.answer(frame.requestId, frame);
        break;
      case "presence":
        activity.presence(frame);
        queries.answer(frame.requestId, frame);
        break;
      case "messages":
      case "users":
        queries.answer(frame.requestId, frame);
        break;
    }
  }

  /** Finds the request that an error is about; if it names none, it must be the only one that waits. */
  failed(connection: number, error: ErrorFrame): void {
    const { activity, catchUp, queries, receipts, requests, sending } = this.#parts;
    const waiting = requests.on(connection);
    const requestId = error.requestId || (waiting.length === 1 ? waiting[0] : undefined);
    const request = requests.finish(requestId);
    if (request === null) {
      return;
    }
    switch (request.action) {
      case "sendMessage":
        sending.failed(request, error);
        break;
      case "sync":
        catchUp.failed(request, error);
        break;
      case "markDelivered":
      case "markRead":
        receipts.failed(request, error);
        break;
      case "typing":
        activity.failed(request, error);
        break;
      default:
        queries.failed(request, error);
    }
  }

  /** No answer will come to a request. */
  unanswered(request: Request): void {
    const { catchUp, receipts, requests, sending } = this.#parts;
    switch (request.action) {
      case "sendMessage":
        sending.unanswered(request);
        break;
      case "sync":
        catchUp.unanswered(request);
        break;
      case "markDelivered":
      case "markRead":
        receipts.unanswered(request);
        break;
      case "typing":
        break; // it would come too late
      default:
        requests.hold(request);
    }
  }

  #acked(frame: AckFrame): void {
    const { receiving, requests, sending } = this.#parts;
    const request = requests.finish(frame.requestId);
    receiving.acked(frame);
    if (request?.action === "sendMessage") {
      sending.acked(request);
    }
  }

  #synced(frame: SyncFrame): void {
    const { catchUp, receiving, requests } = this.#parts;
    const request = requests.finish(frame.requestId);
    if (request?.action === "sync") {
      catchUp.arrived(request, frame);
    }
    receiving.synced(frame);
    if (request?.action === "sync") {
      catchUp.answered(request, frame);
    }
  }

  #receipt(frame: ReceiptFrame): void {
    const { receipts, receiving, requests } = this.#parts;
    const request = requests.finish(frame.requestId);
    receipts.received(frame, frame.userId === receiving.userId);
    if (request?.action === "markDelivered" || request?.action === "markRead") {
      receipts.answered(request, sinceOf(frame));
    }
  }
}
