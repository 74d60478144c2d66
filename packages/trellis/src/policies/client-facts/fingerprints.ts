/** What follows in a user agent is not read: longer ones are made to be long. */
export const userAgentCharactersMax = 400;

/** How many user agents are remembered: nearly everybody has one of these. */
export const fingerprintsMax = 8_192;

/**
 * 32 bits that stand for a user agent. They are remembered, because reading a hundred characters takes longer than
 * everything else that a visitor's number is made of.
 */
export class Fingerprints {
  /** Those that were asked for lately are in the first half; the second was it before. */
  #lately = new Map<string, number>();
  #before = new Map<string, number>();

  of(userAgent: string): number {
    const known = this.#lately.get(userAgent);
    if (known !== undefined) return known;
    const made = this.#before.get(userAgent) ?? fingerprint(userAgent);
    if (userAgent.length <= userAgentCharactersMax) this.#remember(userAgent, made);
    return made;
  }

  /** How many are remembered, some of them perhaps twice. */
  get size(): number {
    return this.#lately.size + this.#before.size;
  }

  #remember(userAgent: string, made: number): void {
    this.#lately.set(userAgent, made);
    if (this.#lately.size < fingerprintsMax / 2) return;
    this.#before = this.#lately;
    this.#lately = new Map();
  }
}

/**
 * Differs for user agents that differ in one letter, and nearly always otherwise. No key: it is hashed with one, and has
 * to tell apart only those who share an address.
 */
function fingerprint(userAgent: string): number {
  const length = Math.min(userAgent.length, userAgentCharactersMax);
  let state = length;
  for (let at = 0; at < length; at++) {
    state = Math.imul(state ^ userAgent.charCodeAt(at), 0x9e3779b1);
    state ^= state >>> 15;
  }
  return state;
}
