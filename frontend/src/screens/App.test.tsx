/** The page as a whole on the fake model: signing in, finding one's way, and the state of the connection. */
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { show, useLayout } from "./rendered.tsx";
import { pathOf, type Route, routeOf } from "./routes.ts";

const CHATS = { screen: "chats" } as const;

describe("the page", () => {
  useLayout();

  it("says why one cannot sign in, and lets one in with the right password", async () => {
    const { user } = show(CHATS, { signedIn: false });
    await user.type(await screen.findByLabelText("Username or e-mail"), "alice");
    await user.type(screen.getByLabelText("Password"), "wrong");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("The name or the password is not right.")).toBeInTheDocument();
    await user.clear(screen.getByLabelText("Password"));
    await user.type(screen.getByLabelText("Password"), "right{Enter}");
    expect(await screen.findByRole("navigation", { name: "Chats" })).toBeInTheDocument();
  });

  it("asks for the code of an authenticator app after the password, and leads back without it", async () => {
    const { user } = show(CHATS, { signedIn: false });
    const giveName = async () => {
      await user.type(await screen.findByLabelText("Username or e-mail"), "alice");
      await user.type(screen.getByLabelText("Password"), "second{Enter}");
      expect(await screen.findByRole("heading", { name: "Enter your code" })).toHaveFocus();
    };
    await giveName();
    await user.click(screen.getByRole("button", { name: "Back to sign in" }));
    await giveName();
    await user.type(screen.getByLabelText("Code"), "000000{Enter}");
    expect(await screen.findByText(/The code is not right/)).toBeInTheDocument();
    await user.clear(screen.getByLabelText("Code"));
    await user.type(screen.getByLabelText("Code"), "123456{Enter}");
    expect(await screen.findByRole("navigation", { name: "Chats" })).toBeInTheDocument();
  });

  it("says how long a password has to be here, and leads back to signing in from a code", async () => {
    const { user } = show(CHATS, { signedIn: false });
    await user.click(await screen.findByRole("button", { name: "Forgot password?" }));
    await user.type(await screen.findByLabelText("Username or e-mail"), "alice{Enter}");
    expect(await screen.findByLabelText("New password")).toHaveAttribute("minLength", "14");
    expect(screen.getByText(/^14 characters at least/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Back to sign in" }));
    expect(await screen.findByRole("heading", { name: "Welcome back" })).toBeInTheDocument();
  });

  it("leads from signing up to the code and in", async () => {
    const { user } = show(CHATS, { signedIn: false });
    await user.click(await screen.findByRole("button", { name: "Create an account" }));
    expect(screen.getByRole("heading", { name: "Create your account" })).toHaveFocus();
    await user.type(screen.getByLabelText("Username"), "nora");
    await user.type(screen.getByLabelText("E-mail"), "nora@example.org");
    await user.type(screen.getByLabelText("Password"), "Long-enough-1-2");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    await user.type(await screen.findByLabelText("Code"), "123456{Enter}");
    expect(await screen.findByRole("navigation", { name: "Chats" })).toBeInTheDocument();
  });

  it("moves through the chats with the arrow keys; Tab stops once", async () => {
    const { user } = show(CHATS);
    const rows = () => screen.getAllByRole("link", { name: /online|\d/ });
    await waitFor(() => expect(rows().length).toBeGreaterThan(3));
    const list = [...document.querySelectorAll<HTMLElement>(".chat-row")];
    expect(list.filter((row) => row.tabIndex === 0)).toHaveLength(1);
    list[0]?.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
    expect(list[1]).toHaveFocus();
  });

  it("finds chats and messages", async () => {
    const { user } = show(CHATS);
    await user.type(await screen.findByRole("searchbox", { name: "Search chats and messages" }), "hut key");
    expect((await screen.findAllByRole("button", { name: /Who has the hut key/ })).length).toBeGreaterThan(0);
  });

  it.each([
    [{ state: "offline", waiting: 2 }, "You are offline. 2 messages wait here."],
    [{ state: "reconnecting", retryAt: null }, "Reconnecting…"],
    [{ state: "refused", reason: "Sign in once more." }, "Sign in once more."],
  ] as const)("says that the connection is %j", async (part, text) => {
    const { model } = show(CHATS);
    model.update((state) => ({ ...state, connection: { ...state.connection, ...part } }));
    expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
  });

  it("shows nobody as online while it is not connected itself", async () => {
    const { model } = show({ screen: "chat", chatId: "dm:u-alice:u-bob", panel: null });
    expect(await screen.findByText("online")).toBeInTheDocument();
    model.update((state) => ({ ...state, connection: { ...state.connection, state: "offline" } }));
    await waitFor(() => expect(screen.queryByText("online")).toBeNull());
    expect(document.querySelector(".avatar-online")).toBeNull();
  });

  it("counts down to the next attempt", async () => {
    const { model } = show(CHATS);
    const retryAt = Date.now() + 30_000;
    model.update((state) => ({
      ...state,
      connection: { ...state.connection, state: "reconnecting", retryAt },
    }));
    expect(await screen.findByText(/^Reconnecting in (30|29|28) s\.$/)).toBeInTheDocument();
  });

  it("makes a group of those who were chosen", async () => {
    const { user, model } = show({ screen: "new", kind: "group" });
    await user.type(await screen.findByLabelText("Name of the group"), "Night train");
    await user.click(screen.getByRole("button", { name: "Create the group" }));
    expect(await screen.findByText("Choose one other person at least.")).toBeInTheDocument();
    await user.type(screen.getByRole("searchbox", { name: "Find people by name" }), "bo");
    await user.click(await screen.findByRole("button", { name: /Bob Tanaka/ }));
    await user.click(screen.getByRole("button", { name: "Create the group" }));
    await waitFor(() =>
      expect(model.getSnapshot().chats.some((chat) => chat.title === "Night train")).toBe(true),
    );
  });

  it("deletes the account only when its name was typed", async () => {
    const { user, model } = show({ screen: "settings" });
    await user.click(await screen.findByRole("button", { name: "Delete my account" }));
    const dialog = await screen.findByRole("dialog");
    const sure = [...dialog.querySelectorAll("button")].at(-1);
    expect(sure).toBeDisabled();
    await user.type(screen.getByLabelText(/^Type alice/), "alice");
    expect(sure).toBeEnabled();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(model.getSnapshot().account.stage).toBe("signedOut"));
  });

  it("lists the shortcuts at ?", async () => {
    const { user } = show(CHATS);
    await screen.findByRole("navigation", { name: "Chats" });
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeInTheDocument();
  });
});

it.each<Route>([
  { screen: "chats" },
  { screen: "chat", chatId: "dm:a:b", panel: null },
  { screen: "chat", chatId: "g:ü/%", panel: "search" },
  { screen: "new", kind: "channel" },
  { screen: "settings" },
])("finds the screen %j by its own path", (route) => {
  expect(routeOf(pathOf(route))).toEqual(route);
});
