import { WebSocket } from "ws";
import { brokenOff } from "../conversation-end.ts";
import type { WireSocket } from "../port.ts";

interface Parts {
  readonly webSocket: WebSocket;
  readonly wire: WireSocket;
  /** Told of the bytes of each message that leaves. */
  readonly sent: (bytes: number) => void;
  readonly onClosed: (socket: ServedSocket) => void;
}

/** So much may wait for the client before the next message is asked for. */
const unsentBytesMax = 65_536;
/** After so much others have their turn: a handler that never waits would else keep the event loop for itself. */
const turnBytesMax = 65_536;

/** A client's WebSocket, joined to the conversation that a handler has with it. */
export class ServedSocket {
  readonly #parts: Parts;
  readonly #heard: string[] = [];
  #isTelling = false;
  /** It has been heard of since it was last asked. */
  #isThere = true;
  /** Sent since others had their turn. */
  #turnBytes = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { webSocket, wire, onClosed } = parts;
    webSocket.on("message", (data, isBinary) => {
      this.#isThere = true;
      if (isBinary) webSocket.close(1003, "Messages are texts here");
      else this.#hear(String(data));
    });
    webSocket.on("pong", () => {
      this.#isThere = true;
    });
    webSocket.on("close", (code, reason) => {
      wire.end({ code, reason: String(reason) });
      onClosed(this);
    });
    // What breaks the protocol closes it, with the code that says so.
    webSocket.on("error", () => undefined);
    void this.#speak();
  }

  /** Asks whether the client is there; one that has not answered since the last time is given up. */
  check(): void {
    const { webSocket } = this.#parts;
    if (this.#isThere) webSocket.ping();
    else webSocket.terminate();
    this.#isThere = false;
  }

  #hear(text: string): void {
    this.#heard.push(text);
    // More than one that is worked on and one that waits stay with the client.
    if (this.#isTelling) this.#parts.webSocket.pause();
    else void this.#tell();
  }

  async #tell(): Promise<void> {
    const { webSocket, wire } = this.#parts;
    this.#isTelling = true;
    for (let text = this.#heard.shift(); text !== undefined; text = this.#heard.shift()) await wire.send(text);
    this.#isTelling = false;
    webSocket.resume();
  }

  async #speak(): Promise<void> {
    const { webSocket, wire, sent } = this.#parts;
    for (let step = await wire.texts.next(); !step.done; step = await wire.texts.next()) {
      if (webSocket.readyState !== WebSocket.OPEN) break;
      const bytes = Buffer.byteLength(step.value);
      sent(bytes);
      await this.#send(step.value, bytes);
    }
    const { code, reason } = await wire.ended;
    if (code === brokenOff.code) webSocket.terminate();
    else if (webSocket.readyState === WebSocket.OPEN) webSocket.close(code, reason);
  }

  /** Resolves when the next one may be sent. */
  #send(text: string, bytes: number): Promise<void> | undefined {
    const { webSocket } = this.#parts;
    if (webSocket.bufferedAmount > unsentBytesMax)
      return new Promise((resolve) => webSocket.send(text, () => resolve()));
    webSocket.send(text, ignore);
    this.#turnBytes += bytes;
    if (this.#turnBytes < turnBytesMax) return undefined;
    this.#turnBytes = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** A socket that has closed takes nothing more: the conversation is told by its end. */
function ignore(): void {}
