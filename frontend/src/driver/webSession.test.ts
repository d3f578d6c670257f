/** Leaving for an identity provider and coming back: nothing of it stays where anybody else reads it. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AuthenticationFailed, NotReachable, RequestRefused, TooManyRequests } from "./errors.ts";
import { WebSession } from "./webSession.ts";

const OFFER = { url: "https://id.example", clientId: "web", providers: ["Google"] };
const left: string[] = [];
const asked: { readonly path: string; readonly init: RequestInit }[] = [];
let answer: Response | Error;

beforeEach(() => {
  left.length = 0;
  asked.length = 0;
  answer = Response.json({ accessToken: "a token", expiresIn: 3_600 });
  vi.stubGlobal("location", {
    get pathname() {
      return new URL(document.URL).pathname;
    },
    get search() {
      return new URL(document.URL).search;
    },
    origin: "https://chat.example",
    assign: (url: string) => left.push(url),
  });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push({ path, init });
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  history.replaceState(null, "", "/");
});

/** Leaves, and gives what the provider was asked with. */
async function leave(): Promise<URLSearchParams> {
  await new WebSession(OFFER).begin("Google");
  return new URL(left.at(-1) ?? "").searchParams;
}

function comeBack(query: Readonly<Record<string, string>>): WebSession {
  history.replaceState(null, "", `/signed-in?${new URLSearchParams(query)}`);
  return new WebSession(OFFER);
}

describe("signing in by an identity provider", () => {
  it("leaves with a challenge, and comes back with its verifier", async () => {
    const sent = await leave();
    const session = comeBack({ code: "a code", state: sent.get("state") ?? "" });
    expect(session.cameBack).toBe(true);
    expect(await session.finish()).toEqual({ accessToken: "a token", expiresIn: 3_600 });
    const [{ path, init }] = asked as [(typeof asked)[number]];
    expect([path, init.method]).toEqual(["/auth/token", "POST"]);
    const { code, codeVerifier, redirectUri } = JSON.parse(String(init.body));
    expect([code, redirectUri]).toEqual(["a code", sent.get("redirect_uri")]);
    const challenge = createHash("sha256").update(codeVerifier).digest("base64url");
    expect([sent.get("code_challenge"), sent.get("code_challenge_method")]).toEqual([challenge, "S256"]);
  });

  it("leaves nothing in the address, the history or a storage", async () => {
    const sent = await leave();
    await comeBack({ code: "a code", state: sent.get("state") ?? "" }).finish();
    expect(document.URL).not.toContain("code");
    expect({ ...sessionStorage, ...localStorage }).toEqual({});
  });

  it("asks each time with another state and another challenge", async () => {
    const [one, two] = [await leave(), await leave()];
    expect(one.get("state")).not.toBe(two.get("state"));
    expect(one.get("code_challenge")).not.toBe(two.get("code_challenge"));
  });

  it("refuses an answer that this tab has not asked for", async () => {
    await leave();
    for (const state of ["another", ""]) {
      await expect(comeBack({ code: "a code", state }).finish()).rejects.toThrow(RequestRefused);
    }
    await expect(comeBack({ code: "a code", state: "null" }).finish()).rejects.toThrow(
      "not begun in this tab",
    );
    expect(asked).toEqual([]);
  });

  it("says so where the provider has signed nobody in, in our own words", async () => {
    const sent = await leave();
    const told = {
      error: "access_denied",
      error_description: "<b>call 0900</b>",
      state: sent.get("state") ?? "",
    };
    await expect(comeBack(told).finish()).rejects.toThrow("the provider has not confirmed it");
  });

  it("is offered only where it is configured", () => {
    history.replaceState(null, "", "/signed-in");
    expect(new WebSession(undefined).providers).toEqual([]);
    expect(new WebSession(undefined).cameBack).toBe(false);
  });
});

describe("the session of a cookie", () => {
  it("ends where it is refused, and not where the service cannot be asked", async () => {
    const session = new WebSession(OFFER);
    answer = Response.json({ error: { code: "session_ended", message: "…" } }, { status: 401 });
    await expect(session.refresh()).rejects.toThrow(AuthenticationFailed);
    answer = Response.json({ error: { code: "internal", message: "…" } }, { status: 500 });
    await expect(session.refresh()).rejects.toThrow(NotReachable);
    answer = new Response("<!doctype html>");
    await expect(session.refresh()).rejects.toThrow(NotReachable);
    answer = new TypeError("offline");
    await expect(session.refresh()).rejects.toThrow(NotReachable);
  });

  it("says how long to wait where it was renewed too often", async () => {
    const error = { code: "too_many_requests", message: "…", retryAfterMs: 1_500 };
    answer = Response.json({ error }, { status: 429 });
    const refused = await new WebSession(OFFER).refresh().catch((fault: unknown) => fault);
    expect(refused).toBeInstanceOf(TooManyRequests);
    expect(refused).toMatchObject({ retryAfter: 1.5 });
  });

  it("takes the next cookie also when the page is closed", async () => {
    await new WebSession(OFFER).refresh();
    expect(asked[0]?.init.keepalive).toBe(true);
  });
});
