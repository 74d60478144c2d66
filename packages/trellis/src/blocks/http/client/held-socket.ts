import type { ConversationEnd, OpenSocket } from "../../../model/conversation.ts";
import { TrellisError } from "../../../model/errors.ts";
import { endOfError, errorOfEnd, over } from "../conversation-end.ts";
import type { WireSocket } from "../port.ts";
import { encodeMessage } from "./encode-call.ts";
import type { Wait } from "./wait.ts";

const ended = { done: true, value: undefined } as const;

/** A conversation as its caller holds it, over any transport. */
export class HeldSocket implements OpenSocket {
  readonly #wire: WireSocket;
  readonly #decode: (text: string) => Promise<unknown>;
  readonly #wait: Wait;
  readonly #messages: AsyncGenerator<unknown, undefined>;
  readonly #senders = new Set<() => void>();
  #end: ConversationEnd | undefined;
  #isLeft = false;

  /** `wait` is that of the call, without its deadline. */
  constructor(wire: WireSocket, decode: (text: string) => Promise<unknown>, wait: Wait) {
    this.#wire = wire;
    this.#decode = decode;
    this.#wait = wait;
    this.#messages = this.#receive();
    void wire.ended.then((end) => {
      this.#finish(end);
      wait.end();
    });
  }

  async send(message: unknown): Promise<void> {
    const text = encodeMessage(message);
    const isTaken = !this.#end && !this.#wait.gaveUp() && (await this.#isTaken(this.#wire.send(text)));
    if (!isTaken) throw this.#whyEnded();
  }

  close(): void {
    this.#leave(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#isLeft ? ended : await this.#messages.next();
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.close();
    return ended;
  }

  async *#receive(): AsyncGenerator<unknown, undefined> {
    try {
      for (;;) {
        const step = await this.#wait.for(this.#wire.texts.next());
        if (step.done) break;
        yield await this.#decode(step.value);
      }
    } catch (error) {
      if (this.#isLeft) return undefined;
      this.#leave(error instanceof TrellisError ? endOfError(error) : over);
      throw error;
    }
    const error = errorOfEnd(await this.#wire.ended);
    if (error && !this.#isLeft) throw error;
    return undefined;
  }

  /** False where it ended before. */
  #isTaken(sending: Promise<void>): Promise<boolean> {
    // Not `Promise.race`, which would hold on to every message for as long as the socket lasts.
    return new Promise((resolve, reject) => {
      const stop = (): void => resolve(false);
      this.#senders.add(stop);
      sending.then(() => resolve(true), reject).finally(() => this.#senders.delete(stop));
    });
  }

  #whyEnded(): unknown {
    if (this.#wait.gaveUp()) return this.#wait.signal.reason;
    return (this.#end && errorOfEnd(this.#end)) ?? new TrellisError("unavailable", { says: "The socket is closed" });
  }

  #leave(end: ConversationEnd): void {
    if (this.#isLeft) return;
    this.#isLeft = true;
    this.#finish(end);
    this.#wire.end(end);
    this.#wait.leave();
  }

  #finish(end: ConversationEnd): void {
    this.#end ??= end;
    for (const stop of this.#senders) stop();
  }
}
