import { Readable } from "node:stream";
import { TrellisError } from "../../model/errors.ts";
import { keptBodyBytesMax } from "./limits.ts";

/**
 * A client's body that may have to be sent more than once. Each try gets a stream of its own, which it may destroy; what
 * was read of the body is kept meanwhile, up to `keptBodyBytesMax`, if it `keeps` it at all.
 */
export class RepeatableBody {
  readonly #source: Readable;
  readonly #keeps: boolean;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #hasBegun = false;
  #isLost = false;
  #hasEnded = false;
  #failure: TrellisError | undefined;
  #current: BodyOfTry | undefined;

  constructor(source: Readable, keeps: boolean) {
    this.#source = source;
    this.#keeps = keeps;
  }

  /** Whether another try can be given all of it. */
  get isRepeatable(): boolean {
    return this.#failure === undefined && (!this.#hasBegun || (this.#keeps && !this.#isLost));
  }

  /** The body for the next try. The one before gets nothing any more. */
  forTry(): Readable {
    const before = this.#current;
    this.#current = undefined;
    before?.destroy();
    this.#current = new BodyOfTry(this, this.#kept);
    return this.#current;
  }

  /** A try wants more than what was kept. */
  pull(by: BodyOfTry): void {
    if (by !== this.#current) return;
    if (this.#failure) by.destroy(this.#failure);
    else if (this.#hasEnded) by.push(null);
    else if (this.#hasBegun) this.#source.resume();
    else this.#begin();
  }

  /** A try wants no more. What the client sends meanwhile is kept, or waits. */
  letGo(by: BodyOfTry): void {
    if (by === this.#current) this.#current = undefined;
  }

  #begin(): void {
    this.#hasBegun = true;
    const source = this.#source;
    source.on("data", (chunk: Uint8Array) => this.#take(chunk));
    source.on("end", () => {
      this.#hasEnded = true;
      this.#current?.push(null);
    });
    source.on("error", () => this.#fail());
    source.on("close", () => this.#fail());
  }

  #take(chunk: Uint8Array): void {
    if (this.#keeps && !this.#isLost) this.#keep(chunk);
    if (this.#current?.push(chunk) !== true) this.#source.pause();
  }

  #keep(chunk: Uint8Array): void {
    this.#keptBytes += chunk.length;
    if (this.#keptBytes <= keptBodyBytesMax) {
      this.#kept.push(chunk);
      return;
    }
    this.#isLost = true;
    this.#kept = [];
  }

  #fail(): void {
    if (this.#hasEnded || this.#failure) return;
    this.#failure = new TrellisError("malformed-request", { says: "The body ended before it was whole" });
    this.#current?.destroy(this.#failure);
  }
}

/** What one try reads: first what was kept of the tries before, then what still comes. */
class BodyOfTry extends Readable {
  readonly #body: RepeatableBody;
  #kept: readonly Uint8Array[];

  constructor(body: RepeatableBody, kept: readonly Uint8Array[]) {
    super();
    this.#body = body;
    this.#kept = [...kept];
    // It may fail while nobody listens: between the end of a try and the news of it.
    this.on("error", () => {});
  }

  override _read(): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const chunk of kept) this.push(chunk);
    this.#body.pull(this);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#body.letGo(this);
    done(error);
  }
}
