import type { World } from "./world.ts";

type Step = () => Promise<void>;

/** How a long-running command ends: when someone asks, in the reverse order of how it began. */
export class Shutdown {
  /** Resolves when someone asks for the end. */
  readonly request: Promise<undefined>;
  readonly #unlisten: () => void;
  readonly #steps: Step[] = [];
  #hurry: () => void = () => undefined;
  #asked = false;

  constructor({ signals, output }: World) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.request = promise;
    this.#unlisten = signals.listen(
      (signal) => {
        this.#asked = true;
        output.answer({ event: "stopping", signal }, "Stopping; once more to hurry …");
        resolve(undefined);
      },
      () => this.#hurry(),
    );
  }

  get asked(): boolean {
    return this.#asked;
  }

  /** What a second signal cuts short. */
  onHurry(hurry: () => void): void {
    this.#hurry = hurry;
  }

  /** Adds a step that is done before those that were added earlier. */
  lastly(step: Step): void {
    this.#steps.push(step);
  }

  /** Does every step, also when one fails. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.reverse()) await step().catch((error) => failures.push(error));
    this.#unlisten();
    if (failures.length > 0) throw failures[0];
  }
}
