import WebSocket from "ws";
import type { Numbered } from "./traffic-words.ts";

/** How long an answer may take, with opening the WebSocket anew, before it counts as none. */
const patienceMs = 30_000;
/** Going away, and service restart (RFC 6455, section 7.4.1, and its registry): come again, to another one. */
const comeAgain: readonly number[] = [1001, 1012];

/**
 * One caller who holds a WebSocket, sends one message after the other, and waits for the answer that belongs to it. Where
 * the other side says that it goes away, it opens another one at once and says there what was not answered. Where the
 * WebSocket ends in any other way, a message has failed.
 */
export class SocketCaller {
  readonly #url: string;
  readonly #onComeAgain: () => void;
  #socket: WebSocket | undefined;
  #number = 0;
  #waiting: PromiseWithResolvers<void> | undefined;
  /** What went wrong while no answer was waited for. */
  #fault: string | undefined;

  /** `onComeAgain` hears of each time that the other side says that it goes away. */
  constructor(origin: string, path: string, onComeAgain: () => void) {
    this.#url = origin.replace(/^http/, "ws") + path;
    this.#onComeAgain = onComeAgain;
  }

  /** Resolves when the next message is answered as it must be; rejects with why it is not. */
  async ask(): Promise<void> {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw new Error(fault);
    this.#number += 1;
    this.#waiting = Promise.withResolvers();
    const impatience = setTimeout(() => this.#fail("no answer in time"), patienceMs);
    try {
      if (this.#socket) this.#say();
      else this.#open();
      await this.#waiting.promise;
    } finally {
      clearTimeout(impatience);
      this.#waiting = undefined;
    }
  }

  leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  #open(): void {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false });
    this.#socket = socket;
    let broken = "";
    socket.on("open", () => this.#say());
    socket.on("message", (data) => this.#hear(String(data)));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      broken = error.code ?? error.message;
    });
    // Comes after each error, too.
    socket.on("close", (code) => {
      if (this.#socket !== socket) return;
      if (comeAgain.includes(code)) {
        this.#onComeAgain();
        this.#open();
      } else this.#fail(broken || `closed with ${code}`);
    });
  }

  /** What is not open yet, or not any more, will say it when it is. */
  #say(): void {
    if (this.#waiting && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(this.#text());
  }

  #hear(text: string): void {
    const answered = this.#waiting;
    if (answered && text === this.#text()) {
      this.#waiting = undefined;
      answered.resolve();
    } else this.#fail(answered ? "not the answer to this message" : "an answer that nobody waits for");
  }

  #text(): string {
    return JSON.stringify({ number: this.#number } satisfies Numbered);
  }

  #fail(says: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
    if (this.#waiting) this.#waiting.reject(new Error(says));
    else this.#fault = says;
  }
}
