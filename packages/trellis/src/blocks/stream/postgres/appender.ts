import { appendMax } from "../limits.ts";
import type { Recorded } from "../port.ts";

interface Call {
  readonly records: readonly Recorded[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends one statement at a time; what comes meanwhile goes together into the next one. Appends to one log wait for one
 * another anyway, so that a thousand single ones cost as many commits as there is time for, not a thousand.
 */
export class Appender {
  readonly #send: (records: readonly Recorded[]) => Promise<void>;
  #waiting: Call[] = [];
  #busy = false;

  constructor(send: (records: readonly Recorded[]) => Promise<void>) {
    this.#send = send;
  }

  /** What is given in one call is appended in one statement. */
  append(records: readonly Recorded[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject });
      if (!this.#busy) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const calls = this.#take();
      const [only, ...more] = calls;
      const records = more.length === 0 && only ? only.records : calls.flatMap((call) => call.records);
      try {
        await this.#send(records);
        for (const { resolve } of calls) resolve();
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    this.#busy = false;
  }

  #take(): readonly Call[] {
    let events = 0;
    let count = 0;
    for (const { records } of this.#waiting) {
      events += records.length;
      if (count > 0 && events > appendMax) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
