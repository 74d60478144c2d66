import type { IncomingHttpHeaders } from "node:http";
import { TrellisError } from "../../model/errors.ts";
import { leanHeaders } from "./lean-headers.ts";
import { IncomingMessage } from "./node-http.ts";

/** Whoever answers the request, told of its body. */
interface BodyEvents {
  /** It is asked for by somebody. */
  welcomeBody(): void;
  /** Nobody takes what has come: no more is read, and so neither that the client leaves. */
  bodyStalls(): void;
  /** Somebody takes it again. */
  bodyGoesOn(): void;
  /** It is not to be had. */
  refuse(error: TrellisError): void;
}

/** A request of HTTP/1.1 whose body is not read without end, and is asked for only when somebody reads it. */
export class FrontRequest extends IncomingMessage {
  exchange: BodyEvents | undefined = undefined;
  /** How much of the body may still come. */
  room = Number.POSITIVE_INFINITY;
  /** The client waits for `100 Continue` before it sends the body. */
  awaited = false;
  lean: IncomingHttpHeaders | undefined = undefined;
  #discarding = false;

  override push(chunk: Uint8Array | null, encoding?: BufferEncoding): boolean {
    if (chunk !== null) {
      this.room -= chunk.length;
      if (this.room < 0 && !this.#discarding) {
        this.#discarding = true;
        this.exchange?.refuse(new TrellisError("body-too-large"));
      }
    }
    // Read on all the same: a client that is still sending would not see the answer. An end would make the rest a whole.
    if (this.#discarding) return true;
    const isTaken = super.push(chunk, encoding);
    if (!isTaken && chunk !== null) this.exchange?.bodyStalls();
    return isTaken;
  }

  /** Reads what comes next, if anything does, though nobody has taken what came before. */
  readOn(): void {
    super._read(0);
  }

  override _read(size: number): void {
    if (this.awaited) {
      this.awaited = false;
      this.exchange?.welcomeBody();
    } else this.exchange?.bodyGoesOn();
    super._read(size);
  }
}

// Node's types have a property here, which no accessor may override; node itself has an accessor.
Object.defineProperty(FrontRequest.prototype, "headers", {
  get(this: FrontRequest): IncomingHttpHeaders {
    this.lean ??= leanHeaders(this.rawHeaders);
    return this.lean;
  },
});
