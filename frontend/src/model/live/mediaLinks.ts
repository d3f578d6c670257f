/** Links to files, kept as long as they open them. */

/** Milliseconds before its end at which a link is asked for anew: the file has to load. */
const RENEW_BEFORE = 60_000;

interface Link {
  readonly url: string;
  readonly expiresAt: string;
}

export class MediaLinks {
  readonly #ask: (chatId: string, mediaId: string) => Promise<Link>;
  readonly #links = new Map<string, Promise<Link>>();

  constructor(ask: (chatId: string, mediaId: string) => Promise<Link>) {
    this.#ask = ask;
  }

  async get(chatId: string, mediaId: string): Promise<string> {
    const known = await this.#links.get(mediaId)?.catch(() => null);
    if (known && Date.parse(known.expiresAt) - RENEW_BEFORE > Date.now()) {
      return known.url;
    }
    const asked = this.#ask(chatId, mediaId);
    this.#links.set(mediaId, asked);
    return (await asked).url;
  }
}
