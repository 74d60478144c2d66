import { brokenFrames } from "../../frames/broken-frames.ts";
import {
  type ConnectionEnd,
  FrameConnection,
  type FrameParty,
  type FrameSocket,
} from "../../frames/frame-connection.ts";
import { frameKind } from "../../frames/frame-kind.ts";
import { figuresBytesMax, streamsMax } from "../../frames/limits.ts";
import { placeOf, streamIdOf } from "../../frames/stream-id.ts";
import type { Clock } from "../../model/clock.ts";
import { type Purge, readPurge } from "../../model/purge.ts";
import type { FramesStream, StreamHome } from "./frames-stream.ts";

/** What instances and the gateway tell each other beside requests. */
export interface InstanceTalk {
  /** From now on this instance says it. */
  linked(): void;
  unlinked(): void;
  purge(purge: Purge): void;
  /** The gateway's name and figures, as JSON, for an instance that asks. */
  figures(): Promise<string>;
}

/** One connection to an instance, with the requests that travel on it. */
export class FramesLink implements FrameParty, StreamHome {
  streams = 0;
  readonly #connection: FrameConnection;
  readonly #instances: InstanceTalk | undefined;
  /** By place; an ended one leaves its place to the next. */
  readonly #places: (FramesStream | undefined)[] = [undefined];
  /** How often each place was used. */
  readonly #uses: number[] = [0];
  readonly #free: number[] = [];
  /** Those that came before the other side's greeting. */
  #waiting: FramesStream[] = [];
  #retired = false;
  #closed = false;

  constructor(socket: FrameSocket, clock: Clock, instances?: InstanceTalk) {
    this.#instances = instances;
    this.#connection = new FrameConnection(socket, this, clock);
  }

  /** Whether more requests may be sent over it. */
  get usable(): boolean {
    return !this.#retired && !this.#closed;
  }

  begin(stream: FramesStream): void {
    const place = this.#free.pop() ?? this.#places.length;
    if (place >= streamsMax) {
      stream.fail({ reason: "overloaded", says: `There are ${streamsMax} requests on the connection` });
      return;
    }
    const use = (this.#uses[place] ?? 0) + 1;
    this.#uses[place] = use;
    this.#places[place] = stream;
    this.streams += 1;
    stream.placed(this, this.#connection.writer, streamIdOf(place, use));
    if (this.#connection.greeted) stream.start();
    else this.#waiting.push(stream);
  }

  release(stream: FramesStream): void {
    const place = placeOf(stream.id);
    if (this.#places[place] !== stream) return;
    this.#places[place] = undefined;
    this.#free.push(place);
    this.streams -= 1;
    if (this.#retired && this.streams === 0) this.#connection.end();
  }

  /** Ends when the last answer is there. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    if (this.streams === 0 && !this.#closed) this.#connection.end();
  }

  frame(kind: number, id: number, bytes: Buffer, from: number, to: number): void {
    const place = placeOf(id);
    const stream = this.#places[place];
    if (stream?.id === id) stream.frame(kind, bytes, from, to);
    // Otherwise it was under way when its stream was aborted.
    else if (place >= this.#places.length || place === 0)
      throw brokenFrames("A frame belongs to a stream that never was");
  }

  greeted(): void {
    this.#instances?.linked();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const stream of waiting) if (this.#places[placeOf(stream.id)] === stream) stream.start();
  }

  dismissed(): void {
    this.retire();
  }

  told(kind: number, text: string): void {
    if (kind === frameKind.look) this.#tellFigures();
    else if (kind === frameKind.purge) this.#purge(text);
    else throw brokenFrames(`An instance sends no frame of kind ${kind}`);
  }

  #purge(text: string): void {
    const purge = readPurge(text);
    if (purge === undefined) throw brokenFrames("What is to be purged cannot be read");
    this.#instances?.purge(purge);
  }

  #tellFigures(): void {
    const tell = (text: string): void => {
      if (!this.#closed) this.#connection.writer.tells(frameKind.figures, text);
    };
    // Nothing where there are none, or more than can be said: whoever asks goes without.
    const found = this.#instances?.figures() ?? Promise.resolve("");
    found.then(
      (text) => tell(Buffer.byteLength(text) <= figuresBytesMax ? text : ""),
      () => tell(""),
    );
  }

  flushed(): void {}

  closed(end: ConnectionEnd): void {
    this.#closed = true;
    const { greeted } = this.#connection;
    if (greeted) this.#instances?.unlinked();
    for (const stream of this.#places) stream?.connectionClosed(end, greeted);
  }
}
