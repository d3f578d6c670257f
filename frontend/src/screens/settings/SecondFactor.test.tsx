/** An authenticator app on the fake model: set up by its QR code, given up again, and not offered where there is none. */
import { screen, waitFor, within } from "@testing-library/react";
import decode from "qr/decode.js";
import { describe, expect, it } from "vitest";
import { show, useLayout } from "../rendered.tsx";

/** Pixels that a module of a QR code has when a camera sees it. */
const SCALE = 4;

/** What a camera reads from a QR code on the screen. */
function read(picture: Element): string {
  const side = Number(picture.getAttribute("viewBox")?.split(" ")[2]) * SCALE;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  const path = picture.querySelector("path")?.getAttribute("d") ?? "";
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let pixel = 0; pixel < SCALE * SCALE; pixel += 1) {
      const across = Number(x) * SCALE + (pixel % SCALE);
      const down = Number(y) * SCALE + Math.floor(pixel / SCALE);
      data.fill(0, (down * side + across) * 4, (down * side + across) * 4 + 3);
    }
  }
  return decode({ width: side, height: side, data });
}

describe("a second factor", () => {
  useLayout();

  it("is set up by its QR code or key, and asked for no more once it is given up", async () => {
    const { user } = show({ screen: "settings" });
    await user.click(await screen.findByRole("button", { name: "Set up an authenticator app" }));
    const dialog = await screen.findByRole("dialog", { name: "Set up an authenticator app" });
    const uri = read(await within(dialog).findByRole("img", { name: "QR code of the key below" }));
    expect(uri).toBe(within(dialog).getByRole("link").getAttribute("href"));
    expect(within(dialog).getByText(/^JBSW Y3DP /)).toBeInTheDocument();
    await user.type(within(dialog).getByLabelText("Code"), "000000{Enter}");
    expect(await within(dialog).findByText(/The code is not right/)).toBeInTheDocument();
    await user.clear(within(dialog).getByLabelText("Code"));
    await user.type(within(dialog).getByLabelText("Code"), "123456{Enter}");
    await user.click(await screen.findByRole("button", { name: "Ask for no code any more" }));
    await user.click(await screen.findByRole("button", { name: "Ask for no code" }));
    expect(await screen.findByRole("button", { name: "Set up an authenticator app" })).toBeInTheDocument();
  });

  it("is not offered where the service, or the way one signs in, has none", async () => {
    const { model } = show({ screen: "settings" });
    expect(await screen.findByRole("heading", { name: "Two-step sign-in" })).toBeInTheDocument();
    model.set({ mayHaveSecondFactor: false });
    await waitFor(() => expect(screen.queryByRole("heading", { name: "Two-step sign-in" })).toBeNull());
  });
});
