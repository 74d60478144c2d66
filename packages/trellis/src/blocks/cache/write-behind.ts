import type { Clock, Random, Timer } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import type { SaveBatch, SavedEntry } from "./port.ts";

export interface WriteBehindOptions<Key> {
  readonly cacheName: string;
  readonly windowMs: number;
  readonly unsavedMax: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told after a batch was saved, to tell the other instances. */
  readonly onSaved: (keys: readonly Key[]) => Promise<void>;
  readonly onFailed: () => void;
}

const backoffMsMin = 100;
const backoffMsMax = 30_000;
const triesAtClose = 3;

/** Values that are served already but not saved yet: the last of each key, saved together after a short window. */
export class WriteBehind<Key, Value> {
  readonly #options: WriteBehindOptions<Key>;
  #waiting = new Map<string, SavedEntry<Key, Value>>();
  /** Those that a running `save` was given. */
  #saving = new Map<string, SavedEntry<Key, Value>>();
  #save: SaveBatch<Key, Value> = async () => {};
  #timer: Timer | undefined;
  #run: Promise<void> | undefined;
  #failures = 0;
  #isClosing = false;

  constructor(options: WriteBehindOptions<Key>) {
    this.#options = options;
  }

  get unsaved(): number {
    return this.#waiting.size + this.#saving.size;
  }

  /** The newest value of the key that is not saved yet. */
  get(name: string): SavedEntry<Key, Value> | undefined {
    return this.#waiting.get(name) ?? this.#saving.get(name);
  }

  /** Throws `unavailable` when too many keys wait, or when it is closing: what came then might never be saved. */
  add(name: string, entry: SavedEntry<Key, Value>, save: SaveBatch<Key, Value>): void {
    const { unsavedMax, cacheName } = this.#options;
    if (this.#isClosing) throw new TrellisError("unavailable", { says: `${cacheName} is closing on this instance` });
    if (this.unsaved >= unsavedMax && !this.#waiting.has(name))
      throw new TrellisError("unavailable", {
        says: `${unsavedMax} values of ${cacheName} wait to be saved`,
        cure: "Try again shortly; see the log for why saving fails or is slow.",
      });
    this.#waiting.set(name, entry);
    this.#save = save;
    this.#schedule(this.#options.windowMs);
  }

  /** Saves what waits. Gives up after three tries and logs how many values were lost. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#timer?.cancel();
    await this.#run;
    for (let attempt = 1; this.unsaved > 0 && attempt <= triesAtClose; attempt++) {
      if (attempt > 1) await this.#pause(this.#backoffMs());
      await this.#flush();
    }
    if (this.unsaved > 0)
      this.#options.log.error("values were lost", { cache: this.#options.cacheName, values: this.unsaved });
  }

  #schedule(delayMs: number): void {
    if (this.#isClosing || this.#timer !== undefined || this.#run !== undefined) return;
    this.#timer = this.#options.clock.after(delayMs, () => void this.#flush());
  }

  /** One batch at a time. Never rejects: what could not be saved waits again. */
  #flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#run ??= this.#saveBatch().then(() => {
      this.#run = undefined;
      if (this.#waiting.size > 0) this.#schedule(this.#failures > 0 ? this.#backoffMs() : this.#options.windowMs);
    });
    return this.#run;
  }

  async #saveBatch(): Promise<void> {
    this.#saving = this.#waiting;
    this.#waiting = new Map();
    const batch = [...this.#saving.values()];
    try {
      await this.#save(batch);
      this.#failures = 0;
      this.#saving = new Map();
    } catch (error) {
      this.#failures++;
      this.#options.onFailed();
      this.#options.log.error("saving failed, will be tried again", {
        cache: this.#options.cacheName,
        values: batch.length,
        error,
      });
      // Values that came meanwhile are newer.
      this.#waiting = new Map([...this.#saving, ...this.#waiting]);
      this.#saving = new Map();
      return;
    }
    await this.#options.onSaved(batch.map(({ key }) => key)).catch((error: unknown) => {
      this.#options.log.error("the other instances could not be told", { cache: this.#options.cacheName, error });
    });
  }

  #backoffMs(): number {
    const ms = Math.min(
      backoffMsMax,
      Math.max(backoffMsMin, this.#options.windowMs) * 2 ** Math.min(this.#failures, 20),
    );
    return ms * (0.5 + this.#options.random() / 2);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(ms, resolve));
  }
}
