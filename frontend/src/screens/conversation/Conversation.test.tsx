/** An open chat on the fake model: writing, answering, changing, and what is honest about it. */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { message } from "../../model/fake/world.ts";
import { show, useLayout } from "../rendered.tsx";

const BOB = { screen: "chat", chatId: "dm:u-alice:u-bob", panel: null } as const;
const field = () => screen.findByRole("textbox", { name: /^Message to/ });
const texts = () => screen.getAllByRole("article").map((article) => article.textContent);

describe("a conversation", () => {
  useLayout();

  it("sends with Enter, shows the message at once and empties the field", async () => {
    const { user, model } = show(BOB, { latency: 20 });
    await user.type(await field(), "hello{Shift>}{Enter}{/Shift}there{Enter}");
    expect(await field()).toHaveValue("");
    expect(model.getSnapshot().conversation?.messages.at(-1)).toMatchObject({
      text: "hello\nthere",
      mine: true,
    });
    await waitFor(() => expect(model.getSnapshot().conversation?.messages.at(-1)?.seq).toBe(65));
  });

  it("sends nothing that is blank or too long, and says how much is too much", async () => {
    const { user, model } = show(BOB);
    const before = model.getSnapshot().conversation?.messages.length;
    await user.type(await field(), "  {Enter}");
    await user.click(await field());
    await user.paste("x".repeat(4100));
    expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
    expect(screen.getByText("-6")).toBeInTheDocument();
    expect(model.getSnapshot().conversation?.messages).toHaveLength(before ?? -1);
  });

  it("goes to a day, and says so where nothing was written since", async () => {
    const { user, model } = show({ ...BOB, panel: "search" });
    const day = await screen.findByLabelText("Or go to a day");
    const goes = () => user.click(screen.getByRole("button", { name: "Go" }));
    fireEvent.change(day, { target: { value: "2999-01-01" } });
    await goes();
    expect(await screen.findByText(/Nothing was written/)).toBeInTheDocument();
    fireEvent.change(day, { target: { value: "2020-01-01" } });
    await goes();
    await waitFor(() => expect(model.getSnapshot().conversation?.messages[0]?.seq).toBe(1));
    expect(screen.queryByText(/Nothing was written/)).toBeNull();
  });

  it("keeps what is written as a draft of its chat", async () => {
    const { user, model } = show(BOB);
    await user.type(await field(), "not yet");
    expect(model.chat(BOB.chatId).draft).toBe("not yet");
  });

  it("shows messages as text, whatever stands in them", async () => {
    const { model } = show(BOB);
    await field();
    const text = '<img src=x onerror="alert(1)"> javascript:alert(1) https://example.org/a';
    model.receive(BOB.chatId, "u-bob", text);
    const link = await screen.findByRole("link", { name: "https://example.org/a" });
    expect(link).toHaveAttribute("rel", expect.stringContaining("noopener"));
    expect(link.closest("article")).toHaveTextContent(text);
    expect(document.querySelector("article img[src=x]")).toBeNull();
  });

  it("says honestly that a message waits, and why one was refused", async () => {
    const { user, model } = show(BOB);
    await field();
    model.update((state) => ({ ...state, connection: { ...state.connection, state: "offline" } }));
    await user.type(await field(), "in the tunnel{Enter}");
    expect(await screen.findByRole("img", { name: "Waiting for a connection" })).toBeInTheDocument();
    model.setConversation((open) => ({
      ...open,
      messages: [
        ...open.messages,
        message("u-alice", Date.now(), "no", {
          id: "no",
          outgoing: { state: "refused", reason: "Wait a moment." },
        }),
      ],
    }));
    expect(await screen.findByText("Not sent. Wait a moment.")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(screen.queryByText("Not sent. Wait a moment.")).toBeNull();
  });

  it("edits one's last message with the up arrow, and Escape leaves it as it is", async () => {
    const { user, model } = show(BOB);
    await user.type(await field(), "teh end{Enter}");
    await waitFor(() => expect(model.getSnapshot().conversation?.messages.at(-1)?.seq).toBe(65));
    await user.type(await field(), "{ArrowUp}");
    const editing = screen.getByRole("textbox", { name: "Edit the message" });
    expect(editing).toHaveValue("teh end");
    await user.keyboard("{Escape}");
    await user.type(await field(), "{ArrowUp}");
    await user.clear(screen.getByRole("textbox", { name: "Edit the message" }));
    await user.keyboard("the end{Enter}");
    await waitFor(() => expect(texts().at(-1)).toContain("the end"));
    expect(texts().at(-1)).toContain("edited");
  });

  it("moves among messages with the arrow keys and replies with R", async () => {
    const { user, model } = show(BOB);
    await field();
    const rows = screen.getAllByRole("article");
    rows.at(-1)?.focus();
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(document.activeElement).not.toBe(rows.at(-1)));
    expect(document.activeElement).toHaveAttribute("aria-posinset", "63");
    await user.keyboard("r");
    expect(screen.getByText(/^Reply to/)).toBeInTheDocument();
    await user.keyboard("yes{Enter}");
    expect(model.getSnapshot().conversation?.messages.at(-1)).toMatchObject({ text: "yes", replyTo: 63 });
  });

  it("shows what is replied to where that is not loaded, and jumps there", async () => {
    const { user, model } = show({ ...BOB, chatId: "g:archive" }, { long: 500 });
    await field();
    model.receive("g:archive", "u-dev", "as I said", { replyTo: 2 });
    const quote = await screen.findByRole("button", { name: /Yes! The 7:40 from platform 3/ });
    expect(quote.closest("article")).toHaveTextContent("as I said");
    await user.click(quote);
    await waitFor(() => expect(model.getSnapshot().conversation?.messages[1]?.seq).toBe(2));
    await waitFor(() => expect(model.getSnapshot().conversation?.jumpTo).toBeNull());
  });

  it("shows what one sends, however far back one was", async () => {
    const { user, model } = show({ ...BOB, chatId: "g:archive" }, { long: 500, latency: 5 });
    await field();
    model.actions.loadAround(40);
    await waitFor(() => expect(model.getSnapshot().conversation?.hasAfter).toBe(true));
    await user.type(await field(), "back at once{Enter}");
    await waitFor(() =>
      expect(model.getSnapshot().conversation?.messages.at(-1)).toMatchObject({ text: "back at once" }),
    );
    await waitFor(() => expect(model.getSnapshot().conversation?.jumpTo).toBeNull());
  });

  it("says so where one does not see what is replied to", async () => {
    const { model } = show(BOB);
    await field();
    model.receive(BOB.chatId, "u-bob", "as I said", { replyTo: 4_000 });
    expect(await screen.findByText("A message that you do not see")).toBeInTheDocument();
  });

  it("opens what can be done with a message by Enter, and Escape gives the focus back", async () => {
    const { user } = show(BOB);
    await field();
    screen.getAllByRole("article").at(-1)?.focus();
    await user.keyboard("{Enter}");
    const menu = await screen.findByRole("menu");
    expect(within(menu).getAllByRole("menuitem")[0]).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(within(menu).getAllByRole("menuitem")[1]).toHaveFocus();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("menu")).toBeNull();
  });

  it("says what others write to who listens, and not one's own", async () => {
    const { model } = show(BOB);
    await field();
    model.receive(BOB.chatId, "u-bob", "platform 3");
    expect(await screen.findByText("Bob Tanaka: platform 3")).toBeInTheDocument();
  });

  it("offers members after an @ and names who is meant", async () => {
    const { user, model } = show({ ...BOB, chatId: "g:climbers" });
    await user.type(await field(), "@bo");
    expect(await screen.findByRole("option", { name: /Bob Tanaka/ })).toHaveAttribute(
      "aria-selected",
      "true",
    );
    await user.keyboard("{Enter}look{Enter}");
    const sent = model.getSnapshot().conversation?.messages.at(-1);
    expect(sent).toMatchObject({ text: "@bob look", mentions: ["u-bob"] });
  });

  it("lets nobody write in a channel who may not", async () => {
    show({ ...BOB, chatId: "c:news" });
    expect(await screen.findByText(/owners and admins of this channel write/)).toBeInTheDocument();
    expect(screen.queryByRole("textbox", { name: /^Message to/ })).toBeNull();
  });

  it("takes files, shows how far they are, and sends them with the text", async () => {
    const { user, model } = show(BOB, { latency: 5 });
    await field();
    const file = new File(["%PDF-1.7"], "route.pdf", { type: "application/pdf" });
    await user.upload(screen.getByLabelText("Files to attach"), file);
    expect(screen.getByRole("progressbar", { name: "Uploading route.pdf" })).toBeInTheDocument();
    await user.type(await field(), "the way{Enter}");
    expect(model.getSnapshot().conversation?.messages.at(-1)).toMatchObject({
      text: "the way",
      attachment: { name: "route.pdf" },
    });
    expect(model.getSnapshot().conversation?.uploads).toEqual([]);
  });

  it("takes a file that is pasted, and lets a text be pasted as one", async () => {
    const { user, model } = show(BOB, { latency: 5 });
    await user.click(await field());
    await user.paste(transfer([new File(["x"], "shot.png", { type: "image/png" })]));
    expect(model.getSnapshot().conversation?.uploads).toMatchObject([{ name: "shot.png" }]);
    await user.paste("see above");
    expect(await field()).toHaveValue("see above");
    expect(model.getSnapshot().conversation?.uploads).toHaveLength(1);
  });

  it("takes files that are dropped on the chat, and says so while they are held above it", async () => {
    const { model } = show(BOB, { latency: 5 });
    const dataTransfer = transfer([new File(["x"], "a.pdf"), new File(["y"], "b.pdf")]);
    fireEvent.dragEnter(await field(), { dataTransfer });
    expect(screen.getByText("Drop to attach")).toBeInTheDocument();
    fireEvent.drop(await field(), { dataTransfer });
    expect(screen.queryByText("Drop to attach")).toBeNull();
    expect(model.getSnapshot().conversation?.uploads).toMatchObject([{ name: "a.pdf" }, { name: "b.pdf" }]);
  });

  it("takes no files where one may not write", async () => {
    const { model } = show({ ...BOB, chatId: "c:news" });
    const notice = await screen.findByText(/owners and admins of this channel write/);
    const dataTransfer = transfer([new File(["x"], "a.pdf")]);
    fireEvent.dragEnter(notice, { dataTransfer });
    expect(screen.queryByText("Drop to attach")).toBeNull();
    fireEvent.drop(notice, { dataTransfer });
    expect(model.getSnapshot().conversation?.uploads).toEqual([]);
  });
});

/** What is dragged or pasted, with files; jsdom has none of its own. */
function transfer(files: readonly File[]): DataTransfer {
  return { files, types: ["Files"], items: [], getData: () => "" } as unknown as DataTransfer;
}
