// @vitest-environment node
/** The link to everybody's pictures is asked for once and kept; who is not to be seen is asked for once. */
import { beforeEach, expect, it } from "vitest";
import { NotReachable } from "../../driver/errors.ts";
import type { AvatarsLink, User } from "../../protocol/types.ts";
import { FakeModel } from "../fake/fakeModel.ts";
import { Avatars } from "./avatars.ts";

const HOUR = 3_600_000;
const BOB: User = { userId: "b", username: "bob", avatar: "new" };

let asked: string[];
let kept: AvatarsLink[];
let met: User[];
let online: boolean;
let store: FakeModel;

function answer<Answer>(question: string, given: () => Answer): Promise<Answer> {
  asked.push(question);
  return online ? Promise.resolve(given()) : Promise.reject(new NotReachable("offline"));
}

const link = (hours: number): AvatarsLink => ({
  url: `https://media/{userId}/{avatar}?hours=${hours}`,
  expiresAt: new Date(Date.now() + hours * HOUR).toISOString(),
});

function avatars(before: AvatarsLink | null): Avatars {
  const parts = {
    api: { avatars: () => answer("link", () => link(24)), user: () => answer("user", () => BOB) },
    storage: { setAvatarsLink: async (one: AvatarsLink) => void kept.push(one) },
    people: { meet: (people: readonly User[]) => met.push(...people) },
  };
  const all = new Avatars(store, parts);
  all.resume(before);
  return all;
}

const shown = () => store.getSnapshot().avatars;

beforeEach(() => {
  asked = [];
  kept = [];
  met = [];
  online = true;
  store = new FakeModel();
});

it("asks for the link once, tells it and keeps it", async () => {
  const all = avatars(null);
  await Promise.all([all.renew(), all.renew()]);
  await all.renew();
  expect(asked).toEqual(["link"]);
  expect(shown()).toBe(link(24).url);
  expect(kept).toHaveLength(1);
});

it("asks for none while the one that is kept lasts, and for another before it ends", async () => {
  await avatars(link(12)).renew();
  expect(asked).toEqual([]);
  expect(shown()).toBe(link(12).url);
  await avatars(link(1)).renew();
  expect(asked).toEqual(["link"]);
});

it("asks again with the next connection where there was none", async () => {
  const all = avatars(null);
  online = false;
  await all.renew();
  expect(shown()).toBeNull();
  online = true;
  await all.renew();
  expect(shown()).toBe(link(24).url);
});

it("sees once what somebody wears whose picture is not there", async () => {
  const all = avatars(link(12));
  await Promise.all([all.missed("b", "old"), all.missed("b", "old")]);
  expect(asked).toEqual(["user"]);
  expect(met).toEqual([BOB]);
});

it("asks again for who could not be asked for", async () => {
  const all = avatars(link(12));
  online = false;
  await all.missed("b", "old");
  online = true;
  await all.missed("b", "old");
  expect(met).toEqual([BOB]);
});
