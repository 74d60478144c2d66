import { Duplex } from "node:stream";
import { headBytesMax } from "../../../../frames/limits.ts";
import type { BodyRequest } from "./frames-request.ts";
import type { FramesResponse } from "./frames-response.ts";
import { withHeader } from "./head-text.ts";

/**
 * The socket of a request to switch protocols, as node gives it to listeners of `upgrade`: they write the head of an
 * answer as HTTP/1.1 has it, `101` or another, and what follows goes as it is.
 */
export class SwitchingSocket extends Duplex {
  readonly request: BodyRequest;
  readonly encrypted = false;
  readonly remoteAddress: string;
  readonly #response: FramesResponse;
  /** What was written of the answer's head so far; undefined once it is whole. */
  #head: string | undefined = "";
  #wanted: ((error?: Error | null) => void) | undefined;

  constructor(response: FramesResponse & { readonly req: BodyRequest }) {
    super({ allowHalfOpen: true });
    this.request = response.req;
    this.remoteAddress = response.socket.remoteAddress;
    this.#response = response;
    response.on("drain", () => this.#goOn());
    response.on("close", () => this.destroy());
    this.request.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) this.request.pause();
    });
    this.request.on("end", () => this.push(null));
    this.request.pause();
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  override _read(): void {
    this.request.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const rest = this.#head === undefined ? chunk : this.#takeHead(this.#head + chunk.toString("latin1"));
      if (rest.length === 0 || this.#response.write(rest)) done();
      else this.#wanted = done;
    } catch (error) {
      done(error as Error);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#response.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#response.destroy(error ?? undefined);
    done(error);
  }

  #goOn(): void {
    const done = this.#wanted;
    this.#wanted = undefined;
    done?.();
  }

  /** The gateway sends nothing more then, not even an end. */
  #refuse(status: number, fields: readonly string[]): void {
    this.request.receivedAll();
    this.#response.writeHead(status, fields);
  }

  /** Returns what follows the head. */
  #takeHead(text: string): Buffer {
    const end = text.indexOf("\r\n\r\n");
    if (end < 0 && text.length <= headBytesMax) {
      this.#head = text;
      return Buffer.alloc(0);
    }
    const [first = "", ...lines] = text.slice(0, Math.max(0, end)).split("\r\n");
    const [, status] = /^HTTP\/1\.1 (\d{3})\b/.exec(first) ?? [];
    if (status === undefined) throw new TypeError("What was written to the socket is no answer of HTTP/1.1");
    this.#head = undefined;
    const fields = lines.map(fieldOf);
    if (status === "101") this.#response.switchProtocols(switchingText(fields));
    else this.#refuse(Number(status), fields.flat());
    return Buffer.from(text.slice(end + 4), "latin1");
  }
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Which protocol it is belongs to the answer, though otherwise `upgrade` is for a connection alone. */
function switchingText(fields: readonly (readonly [string, string])[]): string {
  let text = "";
  for (const [name, value] of fields)
    if (name === "upgrade") text += `${text === "" ? "" : "\0"}upgrade\0${value}`;
    else text = withHeader(text, name, value);
  return text;
}
