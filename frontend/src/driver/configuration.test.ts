/** Where the stack is: asked for once, known at once from then on, and looked after. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Configuration, loadConfiguration } from "./configuration.ts";

const STACK: Configuration = {
  webSocketUrl: "wss://ws",
  httpApiUrl: "https://api",
  userPoolId: "pool",
  userPoolClientId: "client",
  cognitoUrl: "https://cognito",
};

/** What the site says; null where it cannot be reached. */
let told: object | null;
const fetched = vi.fn(async () => {
  if (told === null) {
    throw new TypeError("Failed to fetch");
  }
  return Response.json(told);
});
let reload: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  localStorage.clear();
  told = STACK;
  fetched.mockClear();
  vi.stubGlobal("fetch", fetched);
  reload = vi.spyOn(location, "reload").mockReturnValue();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("is asked for at the first visit", async () => {
  expect(await loadConfiguration()).toEqual(STACK);
  expect(fetched).toHaveBeenCalledTimes(1);
});

it("is known at the next one, without a network too", async () => {
  await loadConfiguration();
  told = null;
  expect(await loadConfiguration()).toEqual(STACK);
  await expect.poll(() => fetched.mock.results.length).toBe(2);
  expect(reload).not.toHaveBeenCalled();
});

it("has the page begin again where the stack has moved", async () => {
  await loadConfiguration();
  told = { ...STACK, httpApiUrl: "https://other" };
  expect(await loadConfiguration()).toEqual(STACK);
  await expect.poll(() => reload.mock.calls.length).toBe(1);
  expect(await loadConfiguration()).toEqual(told);
  await expect.poll(() => fetched.mock.results.length).toBe(3);
});

it("says what to do where the site does not tell", async () => {
  told = { webSocketUrl: "wss://ws" };
  await expect(loadConfiguration()).rejects.toThrow("publish the site again");
});
