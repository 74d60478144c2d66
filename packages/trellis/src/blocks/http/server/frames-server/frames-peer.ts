import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { brokenFrames } from "../../../../frames/broken-frames.ts";
import { FrameConnection, type FrameParty, type FrameSocket } from "../../../../frames/frame-connection.ts";
import { uint32At } from "../../../../frames/frame-decoder.ts";
import { frameKind } from "../../../../frames/frame-kind.ts";
import type { FrameWriter } from "../../../../frames/frame-writer.ts";
import { placeOf } from "../../../../frames/stream-id.ts";
import type { Clock } from "../../../../model/clock.ts";
import { asksForWebSocket, type UpgradeListener } from "../upgrade-listener.ts";
import { BodilessRequest, BodyRequest, type RequestHead } from "./frames-request.ts";
import { FramesResponse, type ResponsePlace } from "./frames-response.ts";
import { FramesSocket } from "./frames-socket.ts";
import { headerFields } from "./header-fields.ts";
import { SwitchingSocket } from "./switching-socket.ts";

interface Parts {
  readonly listener: RequestListener;
  /** Without it, requests to switch protocols are requests like any other, as in node. */
  readonly upgrade: UpgradeListener | undefined;
  readonly clock: Clock;
  readonly onClosed: (peer: FramesPeer) => void;
}

/** One connection from a gateway: its requests are handed to the listener as node's HTTP server would hand them. */
export class FramesPeer implements FrameParty, ResponsePlace {
  /** Under way. */
  streams = 0;
  readonly writer: FrameWriter;
  readonly #connection: FrameConnection;
  readonly #parts: Parts;
  readonly #socket = new FramesSocket();
  readonly #places: (FramesResponse | undefined)[] = [];
  /** Who waits for the gateway's figures. */
  readonly #looking: ((text: string | undefined) => void)[] = [];
  #isClosed = false;
  /** Those that leave with the present turn. */
  #leaving: FramesResponse[] = [];

  constructor(socket: FrameSocket, parts: Parts) {
    this.#parts = parts;
    this.#connection = new FrameConnection(socket, this, parts.clock);
    this.writer = this.#connection.writer;
  }

  /** Asks the gateway to begin nothing new: it ends the connection when it has its last answer. */
  dismiss(): void {
    this.#connection.dismiss("The instance is ending");
  }

  /** Leaves at once: whoever has purged is answered behind it, on whichever connection. */
  purge(text: string): void {
    this.writer.tells(frameKind.purge, text);
    this.writer.flush();
  }

  /** What the gateway says of itself; undefined where the connection ends before. */
  look(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#isClosed) resolve(undefined);
      else if (this.#looking.push(resolve) === 1) this.writer.tells(frameKind.look, "");
    });
  }

  cut(): void {
    this.#connection.cut("The instance has ended");
  }

  frame(kind: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (kind === frameKind.request || kind === frameKind.requestWithBody || kind === frameKind.upgrade) {
      this.#serve(kind, id, bytes.toString("latin1", from, to));
      return;
    }
    const response = this.#places[placeOf(id)];
    // It was under way when the answer was broken off.
    if (response?.id !== id) return;
    if (kind === frameKind.data) bodyOf(response).receive(bytes.subarray(from, to));
    else if (kind === frameKind.end) this.#endBody(response);
    else if (kind === frameKind.abort) response.gone();
    else if (kind === frameKind.credit && to - from === 4) response.credited(uint32At(bytes, from));
    else throw brokenFrames(`A gateway sends no frame of kind ${kind} and ${to - from} bytes`);
  }

  greeted(): void {}

  dismissed(): void {}

  told(kind: number, text: string): void {
    if (kind !== frameKind.figures) throw brokenFrames(`A gateway sends no frame of kind ${kind}`);
    for (const resolve of this.#looking.splice(0)) resolve(text);
  }

  flushed(): void {
    if (this.#leaving.length === 0) return;
    const left = this.#leaving;
    this.#leaving = [];
    for (const response of left) response.left();
  }

  closed(): void {
    this.#isClosed = true;
    for (const resolve of this.#looking.splice(0)) resolve(undefined);
    for (const response of this.#places) response?.gone();
    for (const response of this.#leaving) response.gone();
    this.#socket.closed();
    this.#parts.onClosed(this);
  }

  written(response: FramesResponse): void {
    this.#leaving.push(response);
    if (response.req.complete) this.release(response);
  }

  release(response: FramesResponse): void {
    const place = placeOf(response.id);
    if (this.#places[place] !== response) return;
    this.#places[place] = undefined;
    this.streams -= 1;
  }

  #serve(kind: number, id: number, text: string): void {
    const place = placeOf(id);
    if (place === 0 || this.#places[place] !== undefined) throw brokenFrames("Two requests have one stream");
    const list = text.split("\0");
    const url = list.pop() as string;
    const method = list.pop();
    if (method === undefined || list.length % 2 !== 0) throw brokenFrames("A request's head is incomplete");
    const headers = headerFields(list);
    const head: RequestHead = { method, url, rawHeaders: list, headers, socket: this.#socket };
    const { listener, upgrade } = this.#parts;
    if (kind === frameKind.upgrade && upgrade !== undefined && asksForWebSocket(method, headers)) {
      const switching = new SwitchingSocket(this.#begin(id, upgradeRequest(head)));
      upgrade(switching.request as unknown as IncomingMessage, switching, Buffer.alloc(0));
      return;
    }
    const response = this.#begin(id, kind === frameKind.requestWithBody ? withBody(head) : withoutBody(head));
    listener(
      response.req as unknown as IncomingMessage,
      response as unknown as ServerResponse & { req: IncomingMessage },
    );
  }

  #begin<R extends BodilessRequest | BodyRequest>(id: number, request: R): FramesResponse & { readonly req: R } {
    const response = new FramesResponse(request, id, this);
    this.#places[placeOf(id)] = response;
    this.streams += 1;
    return response as FramesResponse & { readonly req: R };
  }

  #endBody(response: FramesResponse): void {
    bodyOf(response).receivedAll();
    if (response.writableEnded && response.writableLength === 0) this.release(response);
  }
}

function withBody(head: RequestHead): BodyRequest {
  // What has no length came in chunks, whichever way it came here: Fastify looks for either.
  if (head.headers["content-length"] === undefined) head.headers["transfer-encoding"] = "chunked";
  return new BodyRequest(head);
}

function upgradeRequest(head: RequestHead): BodyRequest {
  head.headers.connection = "upgrade";
  return new BodyRequest(head);
}

function withoutBody(head: RequestHead): BodilessRequest {
  const { headers } = head;
  // Where a type announces a body that does not exist, Fastify would wait for it.
  if (headers["content-type"] !== undefined && headers["content-length"] === undefined) delete headers["content-type"];
  return new BodilessRequest(head);
}

function bodyOf({ req }: FramesResponse): BodyRequest {
  if (req instanceof BodyRequest) return req;
  throw brokenFrames("A request without a body has one");
}
