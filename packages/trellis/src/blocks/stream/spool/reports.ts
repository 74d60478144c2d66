import type { Clock } from "../../../model/clock.ts";
import type { Wakes } from "../../../model/wakes.ts";
import { reportsAwaitedMs } from "./limits.ts";
import type { SpoolTable } from "./spool-table.ts";

const asked = "spool.report";
const answered = "spool.reported";

/** How instances make one another bring their counts up to date. */
export class Reports {
  readonly #table: SpoolTable;
  readonly #wakes: Wakes;
  readonly #clock: Clock;
  readonly #stop: () => void;

  /** `report`: writes down every count of this instance. */
  constructor(table: SpoolTable, wakes: Wakes, clock: Clock, report: () => Promise<unknown>) {
    this.#table = table;
    this.#wakes = wakes;
    this.#clock = clock;
    this.#stop = wakes.on(asked, () => {
      report().then(
        () => wakes.wake(answered),
        // Whoever asked waits no longer than it said.
        () => undefined,
      );
    });
  }

  /** Resolves when every spool of the stream has reported after `since`, or has had the time to. */
  async ofOthers(stream: string, since: string): Promise<void> {
    const bell = new Bell();
    let late = false;
    const timer = this.#clock.after(reportsAwaitedMs, () => {
      late = true;
      bell.ring();
    });
    const stop = this.#wakes.on(answered, () => bell.ring());
    try {
      if ((await this.#table.silent(stream, since)) === 0) return;
      this.#wakes.wake(asked);
      do await bell.rung();
      while (!late && (await this.#table.silent(stream, since)) > 0);
    } finally {
      stop();
      timer.cancel();
    }
  }

  close(): void {
    this.#stop();
  }
}

/** Rung while nobody waits, it is heard by the next who does. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#rung)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#rung = false;
  }
}
