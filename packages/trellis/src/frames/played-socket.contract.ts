import { EventEmitter } from "node:events";
import type { FrameSocket } from "./frame-connection.ts";
import { frameKind } from "./frame-kind.ts";
import { FrameWriter } from "./frame-writer.ts";
import { helloText } from "./hello.ts";

/** One frame that a test sends. */
export interface PlayedFrame {
  readonly kind: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** A socket whose other end a test plays. */
export class PlayedSocket extends EventEmitter implements FrameSocket {
  readonly writableLength = 0;
  destroyed = false;

  write(): boolean {
    return true;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }

  greet(): void {
    const chunks: Buffer[] = [];
    const writer = new FrameWriter({ write: (bytes) => chunks.push(Buffer.from(bytes)) > 0, writableLength: 0 });
    writer.says(frameKind.hello, 0, helloText);
    writer.flush();
    this.emit("data", Buffer.concat(chunks));
  }

  /** Sends a frame as it is, whether or not the rules allow it. */
  play({ kind, stream, payload }: PlayedFrame): void {
    if (this.destroyed) return;
    const prefix = Buffer.alloc(9);
    prefix.writeUInt32BE(payload.length);
    prefix.writeUInt32BE(stream, 4);
    prefix[8] = kind;
    this.emit("data", Buffer.concat([prefix, payload]));
  }
}
