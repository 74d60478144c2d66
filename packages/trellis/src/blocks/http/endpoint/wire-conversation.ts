import type { Conversation, ConversationEnd } from "../../../model/conversation.ts";
import { TrellisError } from "../../../model/errors.ts";
import { brokenOff, instanceEnding, over } from "../conversation-end.ts";
import type { WireSocket } from "../port.ts";
import type { ReadMessage } from "./wire-message.ts";

interface Parts {
  readonly conversation: Conversation;
  readonly read: ReadMessage;
  readonly write: (message: unknown) => string | Promise<string>;
  /** Aborts when the instance ends, or nobody listens any more. */
  readonly signal: AbortSignal;
  /** Runs the handler's part of it. */
  readonly enter: <T>(run: () => T) => T;
  /** Calls `send` when what must be written down before an answer leaves is written. */
  readonly leave: (send: () => void) => void;
  /** How it ends with this error, which is the handler's unless it was `sent`. */
  readonly endOf: (error: unknown, sent: boolean) => ConversationEnd;
}

/** So many answers may wait for their reader before the next message is worked on. */
const waitingMax = 16;

/** A handler's conversation as JSON texts: one message is worked on at a time, and nothing is made that nobody takes. */
export class WireConversation implements WireSocket {
  readonly texts: AsyncIterator<string, undefined>;
  readonly ended: Promise<ConversationEnd>;
  readonly #parts: Parts;
  readonly #events: AsyncIterator<unknown> | undefined;
  readonly #waiting: string[] = [];
  readonly #whenEnded: (end: ConversationEnd) => void;
  #end: ConversationEnd | undefined;
  /** It ends after the message that is being worked on. */
  #isEnding = false;
  #isPulling = false;
  #receiving: Promise<void> = Promise.resolve();
  #wakeReader: (() => void) | undefined;
  #wakeReceiver: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { conversation, signal } = parts;
    this.#events = conversation.send?.[Symbol.asyncIterator]();
    const { promise, resolve } = Promise.withResolvers<ConversationEnd>();
    this.ended = promise;
    this.#whenEnded = resolve;
    this.texts = { next: () => this.#next() };
    signal.addEventListener("abort", this.#leave, { once: true });
    if (signal.aborted) this.#leave();
  }

  send(text: string): Promise<void> {
    this.#receiving = this.#receiving.then(() => this.#receive(text));
    return this.#receiving;
  }

  end(end: ConversationEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#parts.signal.removeEventListener("abort", this.#leave);
    // An iterable in the middle of an await of its own ends after it; nobody waits for that here.
    this.#events?.return?.().catch(() => undefined);
    this.#wakeReader?.();
    this.#wakeReceiver?.();
    this.#whenEnded(end);
  }

  async #next(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      const text = this.#waiting.shift();
      if (text !== undefined) {
        this.#wakeReceiver?.();
        return { done: false, value: text };
      }
      if (this.#end) return { done: true, value: undefined };
      void this.#pull();
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  /** Has the handler's iterable make one more, where it is not at it. Never rejects. */
  async #pull(): Promise<void> {
    const events = this.#events;
    if (!events || this.#isPulling) return;
    this.#isPulling = true;
    const { enter, write, endOf } = this.#parts;
    try {
      const step = await enter(() => events.next());
      const text = step.done ? undefined : await write(step.value);
      this.#isPulling = false;
      if (text === undefined) this.#finish(over);
      else this.#push(text);
    } catch (error) {
      if (!this.#end) this.end(endOf(error, false));
    }
  }

  /** Never rejects. */
  async #receive(text: string): Promise<void> {
    if (this.#end || this.#isEnding) return;
    const { conversation, read, write, enter, leave, endOf } = this.#parts;
    let sent = true;
    try {
      const message = await read(text);
      sent = false;
      const answer = await enter(() => conversation.receive(message));
      if (answer === undefined) return;
      const written = await write(answer);
      leave(() => this.#push(written));
    } catch (error) {
      if (!this.#end) this.end(endOf(error, sent));
    }
    while (this.#waiting.length >= waitingMax && !this.#end)
      await new Promise<void>((resolve) => {
        this.#wakeReceiver = resolve;
      });
  }

  #push(text: string): void {
    if (this.#end) return;
    this.#waiting.push(text);
    this.#wakeReader?.();
  }

  #finish(end: ConversationEnd): void {
    this.#isEnding = true;
    // Its answer may be held until something is written down.
    void this.#receiving.then(() => this.#parts.leave(() => this.end(end)));
  }

  readonly #leave = (): void => {
    if (this.#parts.signal.reason instanceof TrellisError) this.#finish(instanceEnding);
    else this.end(brokenOff);
  };
}
