import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** What an origin does with a connection on which a request's head has arrived. `requests` counts those of this connection. */
export type Behaviour = (socket: Socket, head: string, requests: number) => void;

export interface FaultyOrigin {
  readonly port: number;
  readonly url: string;
  /** How many connections were made to it, and how many requests it has seen. */
  readonly connections: number;
  readonly requests: number;
  /** The heads of the requests, as they came. */
  readonly heads: readonly string[];
  /** Everything that was received, heads and bodies. */
  readonly received: () => string;
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** From now on. */
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** `HTTP/1.1 200 OK` with this body, on a connection that is kept. */
export const wellAnswer = (body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: keep-alive\r\n\r\n${body}`;

export const well: Behaviour = (socket, head) => void socket.write(wellAnswer(`well ${head.split(" ")[1] ?? ""}`));

/** An origin that speaks HTTP as badly as a test wants: each answer is bytes of the test's own. */
export async function faultyOrigin(first: Behaviour = well): Promise<FaultyOrigin> {
  let behaviour = first;
  let connections = 0;
  const heads: string[] = [];
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let requests = 0;
    let read = "";
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      read += chunk.toString("latin1");
      for (let end = read.indexOf("\r\n\r\n"); end >= 0; end = read.indexOf("\r\n\r\n")) {
        const head = read.slice(0, end);
        read = read.slice(end + 4);
        if (!/^[A-Z]+ \S+ HTTP/.test(head)) continue;
        heads.push(head);
        requests += 1;
        behaviour(socket, head, requests);
      }
    });
  });
  const port = await listening(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    get requests() {
      return heads.length;
    },
    heads,
    received: () => Buffer.concat(chunks).toString("latin1"),
    sockets,
    behave: (next) => {
      behaviour = next;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function listening(server: Server, port = 0): Promise<number> {
  return new Promise((resolve) =>
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
}
