import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FrameDecoder } from "../../frames/frame-decoder.ts";
import { frameKind } from "../../frames/frame-kind.ts";
import { FrameWriter } from "../../frames/frame-writer.ts";
import { helloText } from "../../frames/hello.ts";

export interface SeenFrame {
  readonly kind: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** An instance in a test's hand: it shows every frame that it was sent, and sends what the test wants. */
export class FramesInstance {
  readonly path: string;
  readonly seen: SeenFrame[] = [];
  readonly sockets: Socket[] = [];
  /** To the last connection. */
  writer: FrameWriter | undefined;
  readonly #server: Server;
  readonly #waiting: { kind: number; resolve: (frame: SeenFrame) => void }[] = [];

  private constructor(path: string, hello: string) {
    this.path = path;
    this.#server = createServer((socket) => this.#accept(socket, hello));
  }

  /** `hello`: what it says first; "": nothing. */
  static async open(hello: string = helloText): Promise<FramesInstance> {
    const path = join(await mkdtemp(join(tmpdir(), "trellis-frames-")), "f.sock");
    const instance = new FramesInstance(path, hello);
    instance.#server.listen(path);
    await once(instance.#server, "listening");
    return instance;
  }

  /** The next frame of that kind that nobody has waited for. */
  next(kind: number): Promise<SeenFrame> {
    const at = this.seen.findIndex((frame) => frame.kind === kind);
    if (at >= 0) return Promise.resolve(this.seen.splice(at, 1)[0] as SeenFrame);
    return new Promise((resolve) => this.#waiting.push({ kind, resolve }));
  }

  answer(stream: number, text: string): void {
    this.writer?.whole(stream, 200, "content-type\0text/plain", text);
  }

  /** All body bytes that a stream was sent so far. */
  bodyBytes(stream: number): number {
    const bodies = this.seen.filter((frame) => frame.kind === frameKind.data && frame.stream === stream);
    return bodies.reduce((sum, { payload }) => sum + payload.length, 0);
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }

  #accept(socket: Socket, hello: string): void {
    this.sockets.push(socket);
    socket.on("error", () => undefined);
    this.writer = new FrameWriter(socket);
    if (hello !== "") this.writer.says(frameKind.hello, 0, hello);
    const decoder = new FrameDecoder({
      frame: (kind, stream, bytes, from, to) => this.#see({ kind, stream, payload: bytes.subarray(from, to) }),
    });
    socket.on("data", (chunk) => decoder.push(chunk));
  }

  #see(frame: SeenFrame): void {
    const at = this.#waiting.findIndex(({ kind }) => kind === frame.kind);
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(frame);
    else this.seen.push(frame);
  }
}
