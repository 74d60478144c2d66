import type { RolloutState } from "../policies/rollout/rollout.ts";
import type { ReleaseRecord } from "./state.ts";

/** A release that takes the place of another, as both are written down. */
export interface Succession {
  readonly fresh: ReleaseRecord;
  /** The one that served; undefined where none did. */
  readonly before: ReleaseRecord | undefined;
  /** What becomes of it when the other one serves. */
  readonly left: ReleaseRecord | undefined;
}

/** What became of every release, and which one serves. */
export class ReleaseBook {
  readonly #onChange: () => void;
  #current: number | undefined;
  #records: readonly ReleaseRecord[];

  constructor(records: readonly ReleaseRecord[], current: number | undefined, onChange: () => void) {
    this.#records = records;
    this.#current = current;
    this.#onChange = onChange;
  }

  /** Oldest first. */
  get records(): readonly ReleaseRecord[] {
    return this.#records;
  }

  /** The one that serves. */
  get current(): ReleaseRecord | undefined {
    return this.#records.find(({ number }) => number === this.#current);
  }

  /** The number of the next one. */
  get next(): number {
    return Math.max(0, ...this.#records.map(({ number }) => number)) + 1;
  }

  /** Those that a supervisor before this one has not brought to an end, and that nobody goes on with. */
  giveUpInterrupted(): void {
    this.#records = this.#records.map(afterInterruption);
    this.#onChange();
  }

  note(record: ReleaseRecord): ReleaseRecord {
    const others = this.#records.filter(({ number }) => number !== record.number);
    this.#records = [...others, record].toSorted((one, other) => one.number - other.number);
    this.#onChange();
    return record;
  }

  /** It serves, whatever was before. */
  serves(record: ReleaseRecord): void {
    this.#current = record.number;
    this.note({ ...record, state: "serving" });
  }

  /** How far a rollout is. Written down at once: should this process be killed now, the next one runs the right release. */
  follow({ fresh, before, left }: Succession, { phase }: RolloutState): void {
    if (phase === "canary") this.note({ ...fresh, state: "canary" });
    if (phase === "soaking" || phase === "done") {
      if (left) this.note(left);
      this.serves(fresh);
    }
    if ((phase === "returning" || phase === "rolled-back") && before) this.serves(before);
  }

  /**
   * What became of it in the end. `failure`: why an instance of it never served, where one did not; `promoted`: why its canary
   * was, where it had one.
   */
  close(
    { fresh }: Succession,
    { phase, because = "" }: RolloutState,
    failure: unknown,
    promoted?: string,
  ): ReleaseRecord {
    if (phase === "done") return this.note({ ...fresh, state: "serving", ...(promoted ? { because: promoted } : {}) });
    const why = failure instanceof Error ? `${because}: ${failure.message}` : because;
    return this.note({ ...fresh, state: phase === "abandoned" ? "failed" : "rolled-back", because: sentence(why) });
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A release that was on its way when its supervisor was killed has not served alone: the one before goes on. */
function afterInterruption(record: ReleaseRecord): ReleaseRecord {
  if (record.state !== "starting" && record.state !== "canary") return record;
  const state = record.state === "starting" ? "failed" : "rolled-back";
  return { ...record, state, because: "The supervisor ended while it was on its way." };
}
