import type { Clock, Timer } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import { brokenFrames } from "./broken-frames.ts";
import { FrameDecoder, type FrameTaker } from "./frame-decoder.ts";
import { frameKind } from "./frame-kind.ts";
import { type FrameSink, FrameWriter } from "./frame-writer.ts";
import { checkHello, helloText } from "./hello.ts";
import { helloMsMax } from "./limits.ts";

/** What is used of a socket of `node:net`. */
export interface FrameSocket extends FrameSink {
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "close" | "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  end(): unknown;
  destroy(): unknown;
}

export interface ConnectionEnd {
  /** Why, as far as that is known. */
  readonly says: string | undefined;
  /** The other side broke the rules, or does not speak as we do. */
  readonly broken: boolean;
}

/** Whoever answers for a connection's streams. */
export interface FrameParty extends FrameTaker {
  /** The other side speaks what we do: streams may begin. */
  greeted(): void;
  /** The other side wants no new streams. */
  dismissed(): void;
  /** What concerns no request: `purge`, `look`, `figures`. */
  told(kind: number, text: string): void;
  /** A turn's frames were handed to the operating system. */
  flushed(): void;
  /** It is over. Once, and nothing after it. */
  closed(end: ConnectionEnd): void;
}

const told: ReadonlySet<number> = new Set([frameKind.purge, frameKind.look, frameKind.figures]);

/**
 * One connection between a gateway and an instance, the same from both sides: greeting, writing in batches, and its end.
 * Whatever the other side sends that breaks the rules ends it with a reason.
 */
export class FrameConnection implements FrameTaker {
  readonly writer: FrameWriter;
  readonly #socket: FrameSocket;
  readonly #party: FrameParty;
  readonly #decoder = new FrameDecoder(this);
  readonly #helloTimer: Timer;
  #greeted = false;
  #closed = false;
  #says: string | undefined;
  /** What the other side gave as its reason to want no more. */
  #dismissal: string | undefined;
  #broken = false;

  constructor(socket: FrameSocket, party: FrameParty, clock: Clock) {
    this.#socket = socket;
    this.#party = party;
    this.writer = new FrameWriter(socket, () => party.flushed());
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("end", () => this.#otherSideEnded());
    socket.on("error", (error) => {
      this.#says ??= error.message;
    });
    socket.on("close", () => {
      this.writer.end();
      this.#close();
    });
    this.#helloTimer = clock.after(helloMsMax, () => this.cut("The other side did not greet in time"));
    this.writer.says(frameKind.hello, 0, helloText);
  }

  get greeted(): boolean {
    return this.#greeted;
  }

  /** Asks the other side to begin nothing new here. */
  dismiss(says: string): void {
    this.writer.says(frameKind.goaway, 0, says);
  }

  /** What was written leaves, then the connection ends. */
  end(): void {
    this.writer.flush();
    this.#socket.end();
  }

  /** At once. The other side is told why, as far as that still goes. */
  cut(says: string): void {
    if (this.#closed) return;
    this.#says ??= says;
    this.#close();
    this.writer.last(frameKind.goaway, says);
    this.#socket.destroy();
  }

  frame(kind: number, stream: number, bytes: Buffer, from: number, to: number): void {
    if (this.#closed) return;
    if (stream !== 0) {
      if (!this.#greeted) throw brokenFrames("The other side did not greet");
      this.#party.frame(kind, stream, bytes, from, to);
    } else if (kind === frameKind.hello) this.#greet(bytes.toString("latin1", from, to));
    else if (kind === frameKind.goaway) this.#goAway(bytes.toString("utf8", from, to));
    else if (kind === frameKind.ping) this.writer.pong(bytes.subarray(from, to));
    else if (this.#greeted && told.has(kind)) this.#party.told(kind, bytes.toString("utf8", from, to));
    else if (kind !== frameKind.pong) throw brokenFrames(`A frame of kind ${kind} belongs to no stream`);
  }

  #greet(text: string): void {
    if (this.#greeted) throw brokenFrames("The other side greeted twice");
    checkHello(text);
    this.#greeted = true;
    this.#helloTimer.cancel();
    this.#party.greeted();
  }

  #goAway(says: string): void {
    // What it says before its greeting is why there will be none.
    if (!this.#greeted) this.#break(says);
    else {
      this.#dismissal = says;
      this.#party.dismissed();
    }
  }

  #take(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof TrellisError) || error.code !== "broken-frames") throw error;
      this.#break(error.message);
    }
  }

  #break(says: string): void {
    this.#broken = true;
    this.cut(says);
  }

  #otherSideEnded(): void {
    if (!this.#decoder.atBoundary) this.#break("The connection ended within a frame");
    this.end();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#helloTimer.cancel();
    this.#party.closed({ says: this.#says ?? this.#dismissal, broken: this.#broken });
  }
}
