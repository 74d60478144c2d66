import type { ServerHttp2Stream } from "node:http2";
import { Readable } from "node:stream";

interface BodyEvents {
  /** Somebody reads, for the first time. */
  begun(): void;
  tooLarge(): void;
}

/** The body of a request of HTTP/2: not longer than it may be, and without the way back that the stream also is. */
export class Http2Body extends Readable {
  readonly #stream: ServerHttp2Stream;
  readonly #events: BodyEvents;
  #room: number;
  #begun = false;

  constructor(stream: ServerHttp2Stream, bytesMax: number, events: BodyEvents) {
    super();
    this.#stream = stream;
    this.#room = bytesMax;
    this.#events = events;
    stream.on("end", () => this.push(null));
    stream.once("close", () => {
      if (!stream.readableEnded) this.destroy(new Error("The client has left"));
    });
    // Nobody need listen for a body that nobody wants any more.
    this.on("error", () => undefined);
  }

  override _read(): void {
    if (this.#begun) return void this.#stream.resume();
    this.#begun = true;
    this.#events.begun();
    this.#stream.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  #take(chunk: Buffer): void {
    this.#room -= chunk.length;
    if (this.#room < 0) {
      this.#stream.pause();
      this.#events.tooLarge();
    } else if (!this.push(chunk)) this.#stream.pause();
  }
}
