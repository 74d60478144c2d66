/**
 * The events of a live answer as JSON texts. It ends with the handler's iterable or when `signal` aborts, also while
 * the next event is awaited; then the handler's iterable is told by `return`. `enter` runs the handler's part of it.
 */
export class WireEvents implements AsyncIterableIterator<string, undefined> {
  readonly #events: AsyncIterator<unknown>;
  readonly #write: (event: unknown) => string | Promise<string>;
  readonly #signal: AbortSignal;
  readonly #enter: <T>(run: () => T) => T;
  #ended = false;
  #wake: (() => void) | undefined;
  #onEnd: (() => void) | undefined;

  constructor(
    events: AsyncIterable<unknown>,
    write: (event: unknown) => string | Promise<string>,
    signal: AbortSignal,
    enter: <T>(run: () => T) => T = (run) => run(),
  ) {
    this.#events = events[Symbol.asyncIterator]();
    this.#write = write;
    this.#signal = signal;
    this.#enter = enter;
    signal.addEventListener("abort", this.#leave, { once: true });
    if (signal.aborted) this.#leave();
  }

  /** Called once, when the last event was given. */
  whenEnded(tell: () => void): void {
    if (this.#ended) tell();
    else this.#onEnd = tell;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    if (this.#ended) return { done: true, value: undefined };
    try {
      const step = await this.#nextOrEnd();
      if (step && !step.done) return { done: false, value: await this.#write(step.value) };
      this.#end();
      return { done: true, value: undefined };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    this.#leave();
    return { done: true, value: undefined };
  }

  // Not Promise.race: a promise that lives as long as the stream would gather one reaction for each event.
  #nextOrEnd(): Promise<IteratorResult<unknown> | undefined> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      this.#enter(() => this.#events.next()).then(resolve, reject);
    });
  }

  readonly #leave = (): void => {
    if (this.#ended) return;
    this.#end();
    // An iterable in the middle of an await of its own ends after it; nobody waits for that here.
    this.#events.return?.().catch(() => undefined);
  };

  #end(): void {
    this.#ended = true;
    this.#signal.removeEventListener("abort", this.#leave);
    this.#wake?.();
    this.#onEnd?.();
  }
}
