import type { Clock } from "../../model/clock.ts";
import type { Incoming } from "./incoming.ts";
import { accessLogCharactersMax, accessLogMs } from "./limits.ts";

/** What became of a request, from the client's side. */
export interface Outcome {
  readonly status: number;
  /** Of the answer's body. */
  readonly bytes: number;
  /** False: the client left, or the answer broke off. */
  readonly whole: boolean;
  readonly ms: number;
}

/** A line of JSON a request, written many at a time. Never the client's address, nor what stands behind `?`. */
export class AccessLog {
  readonly #clock: Clock;
  readonly #write: (lines: string) => void;
  #lines = "";

  constructor(clock: Clock, write: (lines: string) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  note(
    { method, target, startMs, requestId, authority, facts }: Incoming,
    { status, bytes, whole, ms }: Outcome,
  ): void {
    if (this.#lines === "") this.#clock.after(accessLogMs, () => this.flush());
    const query = target.indexOf("?");
    const path = query < 0 ? target : target.slice(0, query);
    const { service, upstream, release, cache, tries } = facts;
    const time = new Date(startMs).toISOString();
    const line = { time, method, host: authority, path, status, bytes, whole, ms, service, upstream, release, cache };
    this.#lines += `${JSON.stringify({ ...line, tries, requestId })}\n`;
    if (this.#lines.length > accessLogCharactersMax) this.flush();
  }

  flush(): void {
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") this.#write(lines);
  }
}
