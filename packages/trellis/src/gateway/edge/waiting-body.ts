import type { HeaderList } from "../exchange.ts";
import { waitingBytesMax } from "./limits.ts";
import type { Reader } from "./reader.ts";

/**
 * The chunks of an answer, for readers that take them at their own pace. While it is being kept all of it stays; else
 * only what the slowest has not had, and beyond a bound the origin rests.
 */
export class WaitingBody {
  readonly #chunks: Uint8Array[] = [];
  /** How many have been let go. */
  #gone = 0;
  #bytes = 0;
  #keepsAll = true;
  #end: { readonly trailers: HeaderList | undefined } | undefined;

  get keepsAll(): boolean {
    return this.#keepsAll;
  }

  /** Bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All of them, while all are kept. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  /** From now on what all have had is let go. */
  keepNoMore(readers: readonly Reader[]): void {
    this.#keepsAll = false;
    this.#letGo(readers);
  }

  /** False: the origin may rest until `hasRoom`. */
  add(chunk: Uint8Array, readers: readonly Reader[]): boolean {
    const [only] = readers;
    // The common case of what is not kept: nothing waits here.
    if (!this.#keepsAll && this.#chunks.length === 0 && only && readers.length === 1) {
      only.paused = !only.sink.data(chunk);
      return !only.paused;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (const reader of [...readers]) this.give(reader);
    if (!this.#keepsAll) this.#letGo(readers);
    return this.hasRoom(readers);
  }

  hasRoom(readers: readonly Reader[]): boolean {
    if (this.#keepsAll) return true;
    if (readers.length === 1 && this.#chunks.length === 0) return !readers[0]?.paused;
    return this.#bytes < waitingBytesMax;
  }

  end(trailers: HeaderList | undefined, readers: readonly Reader[]): void {
    this.#end = { trailers };
    for (const reader of [...readers]) this.give(reader);
  }

  /** Gives a reader what it takes now. */
  give(reader: Reader): void {
    while (reader.of && !reader.paused) {
      const chunk = this.#chunks[reader.position - this.#gone];
      if (!chunk) break;
      reader.position += 1;
      reader.paused = !reader.sink.data(chunk);
    }
    if (!this.#end || !reader.of || reader.position < this.#gone + this.#chunks.length) return;
    reader.of = undefined;
    reader.sink.end(this.#end.trailers);
  }

  /** A reader has taken more, or left. */
  moved(readers: readonly Reader[]): void {
    if (!this.#keepsAll) this.#letGo(readers);
  }

  #letGo(readers: readonly Reader[]): void {
    let slowest = this.#gone + this.#chunks.length;
    for (const reader of readers) if (reader.of) slowest = Math.min(slowest, reader.position);
    for (const chunk of this.#chunks.splice(0, slowest - this.#gone)) this.#bytes -= chunk.length;
    this.#gone = slowest;
  }
}
