import type { Random } from "../../model/clock.ts";
import { hexDigits } from "../../model/trace.ts";

/** What is safe in a header and in a log line. */
const sane = /^[\x21-\x7e]{1,128}$/;

/** Gives each request its id: the caller's own where it is sane, or a new one. */
export class RequestIds {
  readonly #prefix: string;
  #count = 0;

  /** A random prefix and a counter: as unique as 48 random bits for each process, for a fraction of their cost. */
  constructor(random: Random) {
    this.#prefix = `${hexDigits(12, random)}-`;
  }

  idOf(sent: string | readonly string[] | undefined): string {
    if (typeof sent === "string" && sane.test(sent)) return sent;
    this.#count += 1;
    return this.#prefix + this.#count.toString(36);
  }
}
