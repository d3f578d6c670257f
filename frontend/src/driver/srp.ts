/**
 * The Secure Remote Password protocol as Cognito speaks it: proves to know a password without sending it.
 *
 * SRP-6a (RFC 5054's 3072-bit group, SHA-256), with Cognito's own padding, key derivation and signature, as its SDKs
 * have them.
 */

const N_HEX = `
ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd
ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed
ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f
83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b
e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510
15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7
abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c
bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff
`.replace(/\s/g, "");
const N = BigInt(`0x${N_HEX}`);
const G = 2n;
const INFO = new TextEncoder().encode("Caldera Derived Key");

/** What Cognito asks for after it was told A. */
export interface Challenge {
  readonly salt: string;
  readonly srpB: string;
  readonly secretBlock: string;
  readonly userId: string;
}

export interface Proof {
  readonly timestamp: string;
  readonly signature: string;
}

/** One sign-in. `random` is 128 random bytes, used once. */
export class Srp {
  readonly #a: bigint;
  readonly #bigA: bigint;

  constructor(random: Uint8Array = crypto.getRandomValues(new Uint8Array(128))) {
    this.#a = BigInt(`0x${hexOf(random)}`);
    this.#bigA = power(G, this.#a);
  }

  /** What is sent first. */
  get srpA(): string {
    return this.#bigA.toString(16);
  }

  /** Proves the password; `userPoolId` is like `eu-west-1_Ab12Cd34`. Throws an Error where B is not as it must be. */
  async prove(userPoolId: string, password: string, challenge: Challenge, now: Date): Promise<Proof> {
    const bigB = BigInt(`0x${challenge.srpB}`);
    if (bigB % N === 0n) {
      throw new Error("The user pool's answer is not one of SRP.");
    }
    const pool = userPoolId.slice(userPoolId.indexOf("_") + 1);
    const u = await hash(padded(this.#bigA), padded(bigB));
    const identity = await sha256(bytesOf(`${pool}${challenge.userId}:${password}`));
    const x = await hash(padded(BigInt(`0x${challenge.salt}`)), identity);
    const k = await hash(padded(N), padded(G));
    const base = (((bigB - k * power(G, x)) % N) + N) % N;
    const key = await derivedKey(power(base, this.#a + u * x), u);
    const timestamp = timestampOf(now);
    const secret = Uint8Array.from(atob(challenge.secretBlock), (letter) => letter.charCodeAt(0));
    const signed = concatenated(bytesOf(pool), bytesOf(challenge.userId), secret, bytesOf(timestamp));
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
    return { timestamp, signature: btoa(String.fromCharCode(...signature)) };
  }
}

/** A time as Cognito signs it: `Sat Nov 21 09:05:03 UTC 2026`. */
export function timestampOf(now: Date): string {
  const [weekday, day, month, year, time] = now.toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}

async function derivedKey(secret: bigint, u: bigint): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", padded(secret), "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: padded(u), info: INFO };
  const bits = await crypto.subtle.deriveBits(parameters, material, 128);
  return crypto.subtle.importKey("raw", bits, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

async function hash(...parts: readonly Uint8Array[]): Promise<bigint> {
  return BigInt(`0x${hexOf(await sha256(concatenated(...parts)))}`);
}

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/** A number's bytes, with a zero in front where the first would make it look negative, as Java writes it. */
function padded(number: bigint): Uint8Array<ArrayBuffer> {
  const hex = number.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const signed = /^[89a-f]/.test(even) ? `00${even}` : even;
  return Uint8Array.from(signed.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % N;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) {
      result = (result * square) % N;
    }
    square = (square * square) % N;
  }
  return result;
}

function concatenated(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
