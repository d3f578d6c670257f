/** What a tab does with what the tabs tell: takes it in, and has what is open follow. */
import type { Said } from "../../driver/records.ts";
import type { LiveModel } from "./liveModel.ts";

export function hear(model: LiveModel, said: Said): void {
  const before = said.news === "chat" ? model.knowledge.records.get(said.record.chatId) : undefined;
  model.knowledge.hear(said);
  switch (said.news) {
    case "link":
      if (said.link.caughtUp) {
        void model.avatars.renew();
        tellAgain(model);
      }
      break;
    case "chat":
      model.people.hearOther(said.record.otherMember, before?.otherMember ?? null);
      if (model.open?.chatId === said.record.chatId) {
        void model.open.loadFirst();
      }
      break;
    case "people":
      model.people.hear(said.people);
      break;
    case "messages":
      if (model.open?.chatId === said.chatId) {
        model.open.take(said.messages);
      }
      break;
    case "reset":
      if (model.open?.chatId === said.chatId) {
        model.open = null;
        void model.openChat(said.chatId);
      }
      break;
    case "signedIn":
      if (model.account === null) {
        void model.resume();
      }
      return;
    case "signedOut":
      if (model.account !== null) {
        void model.end(said.notice, false);
      }
      return;
  }
  model.render();
}

/** Tells the tab that holds the connection what was wished for before it held any. */
function tellAgain({ knowledge, tabs, open }: LiveModel): void {
  for (const [chatId, seq] of knowledge.unconfirmed()) {
    tabs.wish({ wish: "read", chatId, seq });
  }
  if (open !== null) {
    tabs.wish({ wish: "look", chatId: open.chatId }); // what others read meanwhile is not told
  }
}
