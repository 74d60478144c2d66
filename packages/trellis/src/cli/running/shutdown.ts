import { Closing } from "../../runtime/closing.ts";
import type { World } from "../world.ts";

/** How a long-running command ends: when someone asks, in the reverse order of how it began. */
export class Shutdown {
  /** Resolves when someone asks for the end. */
  readonly request: Promise<undefined>;
  readonly #resolve: () => void;
  readonly #unlisten: () => void;
  readonly #closing = new Closing();
  #hurry: () => void = () => undefined;
  #asked = false;

  /** With `reload`, SIGHUP asks for that rather than for the end. */
  constructor({ signals, output }: World, reload?: () => void) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.request = promise;
    this.#resolve = () => resolve(undefined);
    this.#unlisten = signals.listen(
      (signal) => {
        this.#asked = true;
        output.answer({ event: "stopping", signal }, "Stopping; once more to hurry …");
        resolve(undefined);
      },
      () => this.#hurry(),
      reload,
    );
  }

  get asked(): boolean {
    return this.#asked;
  }

  /** Asks for the end in another way than by a signal. */
  ask(): void {
    this.#asked = true;
    this.#resolve();
  }

  /** What a second signal cuts short. */
  onHurry(hurry: () => void): void {
    this.#hurry = hurry;
  }

  /** Adds a step that is done before those that were added earlier. */
  lastly(step: () => Promise<void>): void {
    this.#closing.add(step);
  }

  /** Does every step, also when one fails. */
  async run(): Promise<void> {
    await this.#closing.run().finally(this.#unlisten);
  }
}
