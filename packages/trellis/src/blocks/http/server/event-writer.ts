import { Readable } from "node:stream";
import type { Clock, Timer } from "../../../model/clock.ts";

/** Keeps proxies and phone networks from taking a quiet stream for a dead one. */
const heartbeatEveryMs = 15_000;

/** Writes JSON texts as server-sent events (html.spec.whatwg.org, section 9.2), with a comment as heartbeat. */
export class EventWriter extends Readable {
  readonly #texts: AsyncIterator<string>;
  readonly #clock: Clock;
  readonly #brokeOff: (error: unknown) => void;
  readonly #sent: (bytes: number) => void;
  #heartbeat: Timer;
  #asking = false;

  constructor(
    texts: AsyncIterable<string>,
    clock: Clock,
    brokeOff: (error: unknown) => void,
    sent: (bytes: number) => void = () => undefined,
  ) {
    super({ encoding: "utf8" });
    this.#texts = texts[Symbol.asyncIterator]();
    this.#clock = clock;
    this.#brokeOff = brokeOff;
    this.#sent = sent;
    this.#heartbeat = clock.after(heartbeatEveryMs, this.#beat);
    // So that the head leaves at once, and not only with the first event.
    this.#write(":\n\n");
  }

  override _read(): void {
    if (this.#asking) return;
    this.#asking = true;
    this.#texts.next().then(
      ({ done, value }) => {
        this.#asking = false;
        if (done) this.#heartbeat.cancel();
        this.#write(done ? null : `data: ${value}\n\n`);
      },
      (error) => {
        this.#brokeOff(error);
        this.destroy(error instanceof Error ? error : new Error("The stream broke off", { cause: error }));
      },
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#heartbeat.cancel();
    this.#texts.return?.().catch(() => undefined);
    done(error);
  }

  #write(text: string | null): void {
    if (text !== null) this.#sent(Buffer.byteLength(text));
    this.push(text);
  }

  readonly #beat = (): void => {
    this.#write(":\n\n");
    this.#heartbeat = this.#clock.after(heartbeatEveryMs, this.#beat);
  };
}
