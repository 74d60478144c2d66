import type { Duplex } from "node:stream";
import type { HeaderList } from "../exchange.ts";
import type { Connection } from "./connection.ts";
import type { FrontDesk } from "./front-desk.ts";
import type { FrontRequest } from "./front-request.ts";
import { Http1Exchange } from "./http1-exchange.ts";
import type { Incoming } from "./incoming.ts";
import { ServerResponse, STATUS_CODES } from "./node-http.ts";

/** A request to switch protocols. Node has let go of its socket: if the origin does not agree, the answer is the last one. */
export class Http1Upgrade extends Http1Exchange {
  readonly #head: Uint8Array;
  readonly #leaves = (): void => void this.connection.socket.destroy();

  /** `head`: what the client sent behind the request already. */
  constructor(desk: FrontDesk, incoming: Incoming, connection: Connection, request: FrontRequest, head: Uint8Array) {
    const { socket } = connection;
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.shouldKeepAlive = false;
    response.once("finish", () => socket.destroySoon());
    super(desk, incoming, connection, request, response);
    this.#head = head;
    // What a reset means is told by "close".
    socket.on("error", () => undefined);
    // Who does not read does not see either that the client leaves; what comes meanwhile is kept.
    socket.once("end", this.#leaves);
    socket.read(0);
  }

  protected override writeSwitched(headers: HeaderList): Duplex {
    const { socket } = this.connection;
    this.response.detachSocket(socket);
    socket.removeListener("end", this.#leaves);
    this.connection.switched = true;
    const lines = ["HTTP/1.1 101 Switching Protocols", "connection: upgrade"];
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      if (name !== "connection") lines.push(`${name}: ${headers[index + 1]}`);
    }
    socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    if (this.#head.length > 0) socket.unshift(this.#head);
    socket.setTimeout(0);
    return socket;
  }
}

/** An answer to what never became a request: written as it is, and the last on its connection. */
export function rawAnswer(status: number, headers: readonly string[], body: string): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`];
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  lines.push(`content-length: ${Buffer.byteLength(body)}`, "connection: close");
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
