// @vitest-environment node
/** A message takes its file along once that is there; where it does not get there, one may try again. */
import { beforeEach, expect, it } from "vitest";
import type { NewMessage } from "../../core/values.ts";
import type { postFile } from "../../driver/fileForm.ts";
import type { LiveModel } from "./liveModel.ts";
import { Uploads } from "./uploads.ts";

const FILE = new File(["%PDF-1.7"], "route.pdf", { type: "application/pdf" });
const MESSAGE: NewMessage = { id: "m1", text: "the way" };

/** The posts of the file that have begun: each ends, or breaks off, when the test says so. */
let posts: { end(): void; breakOff(): void; progress(bytes: number): void }[];
let sent: NewMessage[];
let model: Pick<LiveModel, "api" | "open" | "render" | "uploading" | "uploads" | "userId">;
let uploads: Uploads;

const post: typeof postFile = (_form, _file, { progress } = {}) =>
  new Promise((resolve, reject) => {
    const breakOff = () => reject(new Error("The upload broke off: try again."));
    posts.push({ end: resolve, breakOff, progress: (bytes) => progress?.(bytes) });
  });

const outgoing = () => model.uploading.map(({ message }) => message.outgoing);

/** Sends the message while its file is on its way. */
async function sendWhileUploading(): Promise<void> {
  uploads.add(FILE);
  await expect.poll(() => posts.length).toBe(1);
  uploads.sendWith("upload-1", MESSAGE, (message) => sent.push(message));
}

beforeEach(() => {
  posts = [];
  sent = [];
  model = {
    api: { requestUpload: async () => ({ mediaId: "media", url: "", fields: {} }) },
    open: { chatId: "dm:a:b" },
    render: () => undefined,
    uploading: [],
    uploads: [],
    userId: "a",
  } as unknown as LiveModel;
  uploads = new Uploads(model, post);
});

it("sends a message once its file is there, and shows meanwhile how far that is", async () => {
  await sendWhileUploading();
  posts[0]?.progress(5);
  expect(model.uploads).toEqual([]);
  expect(model.uploading).toMatchObject([{ chatId: "dm:a:b", message: { text: "the way" } }]);
  expect(outgoing()).toEqual([{ state: "uploading", sentBytes: 5, bytes: 8 }]);
  posts[0]?.end();
  await expect.poll(() => sent).toMatchObject([{ id: "m1", attachment: { mediaId: "media" } }]);
  expect(model.uploading).toEqual([]);
});

it("says why a message is not sent whose file did not get there, and sends it by another try", async () => {
  await sendWhileUploading();
  posts[0]?.breakOff();
  const refused = { state: "refused", reason: "The upload broke off: try again." };
  await expect.poll(outgoing).toEqual([refused]);
  expect(uploads.retryMessage("m1")).toBe(true);
  expect(outgoing()).toEqual([{ state: "uploading", sentBytes: 0, bytes: 8 }]);
  await expect.poll(() => posts.length).toBe(2);
  posts[1]?.end();
  await expect.poll(() => sent.length).toBe(1);
  expect(model.uploading).toEqual([]);
});

it("forgets a message that is given up, and its file", async () => {
  await sendWhileUploading();
  posts[0]?.breakOff();
  await expect.poll(outgoing).toMatchObject([{ state: "refused" }]);
  expect(uploads.discardMessage("m1")).toBe(true);
  expect(model.uploading).toEqual([]);
  expect(uploads.retryMessage("m1")).toBe(false);
  expect(sent).toEqual([]);
});
