import type { Clock } from "../../../model/clock.ts";
import type { ConversationEnd } from "../../../model/conversation.ts";
import { TrellisError } from "../../../model/errors.ts";
import { endOfError, over } from "../conversation-end.ts";
import type { WireSocket } from "../port.ts";
import { unreadBytesMax, unsentBytesMax, unsentLookMs } from "./call-limits.ts";

/** What a short message takes beside its characters. */
const messageBytes = 64;
const notText = endOfError(new TrellisError("unexpected-answer", { says: "Bytes came instead of a text" }));
const flooded = endOfError(new TrellisError("unavailable", { says: "More came than was read" }));

/**
 * The service's side of a conversation over the platform's `WebSocket`, of browsers or of Node.js. Such a WebSocket
 * says neither when it takes more nor lets the other side wait: what is on its way out is looked at until it has gone,
 * and what nobody reads is bounded.
 */
export class WebWireSocket implements WireSocket {
  readonly texts: AsyncIterator<string, undefined>;
  readonly ended: Promise<ConversationEnd>;
  /** Resolves with false where it ended instead. */
  readonly opened: Promise<boolean>;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #whenEnded: (end: ConversationEnd) => void;
  readonly #whenOpened: (isOpen: boolean) => void;
  #end: ConversationEnd | undefined;
  #unread: string[] = [];
  #unreadBytes = 0;
  #isDropped = false;
  #wakeReader: (() => void) | undefined;

  constructor(socket: WebSocket, clock: Clock) {
    const ended = Promise.withResolvers<ConversationEnd>();
    const opened = Promise.withResolvers<boolean>();
    this.#socket = socket;
    this.#clock = clock;
    this.#whenEnded = ended.resolve;
    this.#whenOpened = opened.resolve;
    this.ended = ended.promise;
    this.opened = opened.promise;
    this.texts = this.#read();
    socket.addEventListener("open", () => opened.resolve(true));
    socket.addEventListener("message", ({ data }) => this.#take(data));
    // After each `error`, which says nothing, comes a `close`.
    socket.addEventListener("close", ({ code, reason }) => this.#finish({ code, reason }));
  }

  async send(text: string): Promise<void> {
    if (this.#end) return;
    this.#socket.send(text);
    while (this.#socket.bufferedAmount > unsentBytesMax && !this.#end)
      await new Promise<void>((resolve) => void this.#clock.after(unsentLookMs, resolve));
  }

  end(end: ConversationEnd): void {
    this.#isDropped = true;
    this.#unread = [];
    this.#close(end);
  }

  #take(data: unknown): void {
    if (this.#end) return;
    if (typeof data === "string" && this.#unreadBytes <= unreadBytesMax) {
      this.#unread.push(data);
      this.#unreadBytes += 2 * data.length + messageBytes;
      this.#wakeReader?.();
    } else this.#close(typeof data === "string" ? flooded : notText);
  }

  async *#read(): AsyncGenerator<string, undefined> {
    for (;;) {
      const texts = this.#unread;
      this.#unread = [];
      for (const text of texts) {
        if (this.#isDropped) return undefined;
        this.#unreadBytes -= 2 * text.length + messageBytes;
        yield text;
      }
      if (this.#unread.length > 0) continue;
      if (this.#end) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  #close(end: ConversationEnd): void {
    if (this.#end) return;
    this.#finish(end);
    // Nothing else may be said by clients (websockets.spec.whatwg.org, `close`).
    if (end.code === over.code || end.code >= 3_000) this.#socket.close(end.code, end.reason);
    else this.#socket.close();
  }

  #finish(end: ConversationEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#whenOpened(false);
    this.#whenEnded(end);
    this.#wakeReader?.();
  }
}
