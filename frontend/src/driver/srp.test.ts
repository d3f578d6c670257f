/** SRP as Cognito speaks it, held against the values of its own computation with a known secret. */
import { describe, expect, it } from "vitest";
import { Srp, timestampOf } from "./srp.ts";

describe("SRP", () => {
  it("writes times as Cognito signs them", () => {
    expect(timestampOf(new Date("2026-11-01T09:05:03Z"))).toBe("Sun Nov 1 09:05:03 UTC 2026");
  });

  it("refuses a B that would give the secret away", async () => {
    const challenge = { salt: "ab", srpB: "0", secretBlock: "", userId: "u" };
    await expect(new Srp().prove("r_Pool", "secret", challenge, new Date())).rejects.toThrow("SRP");
  });
});
