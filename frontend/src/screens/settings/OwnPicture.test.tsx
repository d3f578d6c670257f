/** Pictures of people: one's own is chosen, looked at, worn and taken off; others' stand in for their initials. */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { show, useLayout } from "../rendered.tsx";

const BOB = { screen: "chat", chatId: "dm:u-alice:u-bob", panel: null } as const;
const PHOTO = new File(["photo"], "me.png", { type: "image/png" });
const mine = () => document.querySelector<HTMLImageElement>(".own-picture .avatar img");
const input = () => screen.findByLabelText("Picture of you");

/** What the browser does with pictures, which a page without layout lacks: a photograph of 800 x 600. */
function usePictures(): void {
  beforeEach(() => {
    vi.stubGlobal("createImageBitmap", async (file: File) => {
      if (file.name === "broken.png") {
        throw new DOMException("The source image could not be decoded.");
      }
      return { width: 800, height: 600, close() {} };
    });
    vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((take) =>
      take(new Blob(["square"], { type: "image/jpeg" })),
    );
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
}

describe("one's own picture", () => {
  useLayout();
  usePictures();

  it("is looked at before it is uploaded, and then worn", async () => {
    const { user, model } = show({ screen: "settings" });
    expect(await screen.findByText(/25 MB at most/)).toBeInTheDocument();
    await user.upload(await input(), PHOTO);
    expect(await screen.findByRole("img", { name: /as others will see it/ })).toBeInTheDocument();
    expect(screen.getByRole("slider", { name: "More to the left or right" })).toHaveValue("50");
    expect(mine()).toBeNull();
    await user.click(screen.getByRole("button", { name: "Use this picture" }));
    await waitFor(() => expect(mine()).not.toBeNull());
    expect(screen.queryByRole("dialog")).toBeNull();
    const { account, people } = model.getSnapshot();
    expect(account).toMatchObject({ me: { avatar: mine()?.src } });
    expect(people["u-alice"]?.avatar).toBe(mine()?.src);
  });

  it("tells how far its upload is", async () => {
    const { user } = show({ screen: "settings" }, { latency: 30 });
    await user.upload(await input(), PHOTO);
    await user.click(await screen.findByRole("button", { name: "Use this picture" }));
    const progress = await screen.findByRole("progressbar", { name: "Uploading the picture" });
    await waitFor(() => expect(Number(progress.getAttribute("value"))).toBeGreaterThan(0));
  });

  it("stays as it was where one cancels", async () => {
    const { user } = show({ screen: "settings" });
    await user.upload(await input(), PHOTO);
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(mine()).toBeNull();
  });

  it("is taken off", async () => {
    const { user, model } = show({ screen: "settings" });
    model.become((me) => ({ ...me, avatar: "blob:worn" }));
    await user.click(await screen.findByRole("button", { name: "Remove it" }));
    await waitFor(() => expect(mine()).toBeNull());
    expect(screen.getByRole("button", { name: "Add a picture" })).toBeInTheDocument();
  });

  it("is refused with a sentence where the file is no picture", async () => {
    const { user } = show({ screen: "settings" });
    await user.upload(await input(), new File(["?"], "broken.png", { type: "image/png" }));
    expect(await screen.findByText(/cannot be shown as a picture/)).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("somebody's picture", () => {
  useLayout();

  it("stands in the list and in the chat; initials where there is none", async () => {
    show(BOB);
    await screen.findByRole("heading", { name: "Bob Tanaka" });
    const faces = [...document.querySelectorAll<HTMLElement>(".avatar")];
    const worn = (initials: string) => faces.filter((face) => face.dataset.initials === initials);
    expect(worn("BT").map((face) => face.querySelector("img") !== null)).toEqual([true, true]);
    expect(worn("E").map((face) => face.querySelector("img") !== null)).toEqual([false]);
  });

  it("gives way to the initials where it cannot be had, and is tried again with a connection", async () => {
    const { model } = show(BOB);
    const missed = vi.spyOn(model.actions, "missedAvatar");
    await screen.findByRole("heading", { name: "Bob Tanaka" });
    const picture = () => document.querySelector(".conversation-who .avatar img");
    const failing = picture();
    expect(failing).not.toBeNull();
    fireEvent.error(failing as Element);
    expect(picture()).toBeNull();
    expect(missed).toHaveBeenCalledWith("u-bob", expect.stringContaining("data:image/svg"));
    const connect = (state: "offline" | "online") =>
      model.update((now) => ({ ...now, connection: { ...now.connection, state } }));
    connect("offline");
    await screen.findAllByText(/^You are offline/);
    connect("online");
    await waitFor(() => expect(picture()).not.toBeNull());
  });
});
