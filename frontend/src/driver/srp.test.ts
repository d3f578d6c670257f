// @vitest-environment node
/** SRP as Cognito speaks it, held against the server's side of it, computed from the verifier. */
import { createHash, createHmac, getDiffieHellman, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Srp, timestampOf } from "./srp.ts";

// RFC 3526, group 15, as node:crypto has it, so that a slip in our own copy shows.
const N = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);
const NOW = new Date("2026-11-01T09:05:03Z");

function bytes(number: bigint): Buffer {
  const hex = number.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}

function hash(...parts: readonly Uint8Array[]): bigint {
  return BigInt(`0x${createHash("sha256").update(Buffer.concat(parts)).digest("hex")}`);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base % N, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % N) {
    result = rest & 1n ? (result * square) % N : result;
  }
  return result;
}

/** The user pool: knows a verifier, not the password. */
function pool(password: string) {
  const [salt, b] = [BigInt("0xc0ffee1234567890"), BigInt(`0x${randomBytes(64).toString("hex")}`)];
  const identity = createHash("sha256").update(`Pool1user-1:${password}`).digest();
  const verifier = power(2n, hash(bytes(salt), identity));
  const bigB = (hash(bytes(N), bytes(2n)) * verifier + power(2n, b)) % N;
  const secret = randomBytes(32);
  return {
    challenge: {
      salt: salt.toString(16),
      srpB: bigB.toString(16),
      secretBlock: secret.toString("base64"),
      userId: "user-1",
    },
    expected(srpA: string, timestamp: string): string {
      const bigA = BigInt(`0x${srpA}`);
      const u = hash(bytes(bigA), bytes(bigB));
      const session = power((bigA * power(verifier, u)) % N, b);
      const key = Buffer.from(hkdfSync("sha256", bytes(session), bytes(u), "Caldera Derived Key", 16));
      const signed = Buffer.concat([Buffer.from("Pool1user-1"), secret, Buffer.from(timestamp)]);
      return createHmac("sha256", key).update(signed).digest("base64");
    },
  };
}

describe("SRP", () => {
  it("proves the password to who knows its verifier", async () => {
    const srp = new Srp();
    const { challenge, expected } = pool("correct horse");
    const { signature, timestamp } = await srp.prove("eu-west-1_Pool1", "correct horse", challenge, NOW);
    expect(signature).toBe(expected(srp.srpA, timestamp));
  });

  it("proves nothing with another password", async () => {
    const srp = new Srp();
    const { challenge, expected } = pool("correct horse");
    const { signature, timestamp } = await srp.prove("eu-west-1_Pool1", "wrong horse", challenge, NOW);
    expect(signature).not.toBe(expected(srp.srpA, timestamp));
  });

  it("refuses a B that would give the secret away", async () => {
    const challenge = { salt: "ab", srpB: N.toString(16), secretBlock: "", userId: "u" };
    await expect(new Srp().prove("r_Pool", "secret", challenge, NOW)).rejects.toThrow("SRP");
  });

  it("writes times as Cognito signs them", () => {
    expect(timestampOf(NOW)).toBe("Sun Nov 1 09:05:03 UTC 2026");
  });
});
