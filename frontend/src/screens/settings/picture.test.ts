/** A picture is cut to a square that lies inside of it, wherever it is moved. */
import { expect, it } from "vitest";
import { readPicture, squareOf } from "./picture.ts";

it.each([
  [{ width: 800, height: 600 }, 0.5, { x: 100, y: 0, side: 600 }],
  [{ width: 800, height: 600 }, 0, { x: 0, y: 0, side: 600 }],
  [{ width: 300, height: 900 }, 1, { x: 0, y: 600, side: 300 }],
  [{ width: 50, height: 50 }, 0.3, { x: 0, y: 0, side: 50 }],
])("cuts %j at %d", (size, at, square) => {
  expect(squareOf(size, at)).toEqual(square);
});

it("takes no file of another type, and none that is too large", async () => {
  const film = new File(["x"], "a.mp4", { type: "video/mp4" });
  await expect(readPicture(film)).rejects.toThrow("JPEG, PNG, GIF or WebP");
  const large = Object.defineProperty(new File(["x"], "a.png", { type: "image/png" }), "size", {
    value: 26 * 1_024 * 1_024,
  });
  await expect(readPicture(large)).rejects.toThrow("25 MB at most");
});
