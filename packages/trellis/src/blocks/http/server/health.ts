import type { Clock } from "../../../model/clock.ts";
import type { WireAnswer } from "../port.ts";
import { healthMsMax } from "./limits.ts";

/** Answers `/livez` (the process is alive) and `/readyz` (it can do its work, and is not about to end). */
export class Health {
  readonly #clock: Clock;
  readonly #isDraining: () => boolean;
  readonly #check: () => Promise<readonly string[]>;
  #checking: Promise<readonly string[]> | undefined;

  constructor(clock: Clock, isDraining: () => boolean, check: () => Promise<readonly string[]> = async () => []) {
    this.#clock = clock;
    this.#isDraining = isDraining;
    this.#check = check;
  }

  live(): WireAnswer {
    return healthAnswer(200, { live: true });
  }

  async ready(): Promise<WireAnswer> {
    const draining = this.#isDraining();
    const unhealthy = await this.#unhealthy();
    const ready = !draining && unhealthy.length === 0;
    return healthAnswer(ready ? 200 : 503, { ready, draining, unhealthy });
  }

  /** One check at a time, however many ask. */
  #unhealthy(): Promise<readonly string[]> {
    this.#checking ??= this.#inTime().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #inTime(): Promise<readonly string[]> {
    const late = Promise.withResolvers<readonly string[]>();
    const timer = this.#clock.after(healthMsMax, () => late.resolve(["health check: no answer in time"]));
    try {
      return await Promise.race([this.#check(), late.promise]);
    } catch (error) {
      return [`health check: ${error instanceof Error ? error.message : error}`];
    } finally {
      timer.cancel();
    }
  }
}

function healthAnswer(status: number, state: object): WireAnswer {
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  return { status, headers, body: JSON.stringify(state) };
}
