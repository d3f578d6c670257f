/** Ids of messages and chats: a ULID is 48 bits of time and 80 of chance, in Crockford's base 32. */

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** `random` are 16 random bytes; each gives one digit. */
export function ulid(
  now: number = Date.now(),
  random: Uint8Array = crypto.getRandomValues(new Uint8Array(16)),
): string {
  let time = "";
  for (let rest = now, digit = 0; digit < 10; digit += 1) {
    time = (DIGITS[rest % 32] ?? "") + time;
    rest = Math.floor(rest / 32);
  }
  return time + Array.from(random, (byte) => DIGITS[byte % 32] ?? "").join("");
}
