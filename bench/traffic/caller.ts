import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";

export interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
}

/** How long an answer may take to be whole before it counts as none. */
const patienceMs = 30_000;

/** One caller, who asks for one thing after the other and never twice for the same. */
export class Caller {
  readonly #origin: string;
  readonly #agent: Agent;
  readonly #onCut: (ownPort: number) => void;
  readonly #known = new WeakSet<Socket>();
  readonly #ending = new WeakSet<Socket>();

  /** `onCut` hears of connections that the other side closed without having said so in an answer. */
  constructor(origin: string, keeps: boolean, onCut: (ownPort: number) => void) {
    this.#origin = origin;
    this.#agent = new Agent({ keepAlive: keeps, maxSockets: 1 });
    this.#onCut = onCut;
  }

  /** Resolves with the body of an answer of status 200 or 201; rejects with why there is none. */
  ask({ method, path, body }: Asked): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
    const asking = request(this.#origin + path, { agent: this.#agent, method, headers, timeout: patienceMs });
    asking.on("socket", (socket) => this.#watch(socket));
    asking.on("error", (error) => reject(new Error(reasonOf(asking, error))));
    asking.on("timeout", () => asking.destroy(new Error("no answer in time")));
    asking.on("response", (answer) => {
      if (answer.headers.connection === "close") this.#ending.add(answer.socket);
      readWhole(answer).then(resolve, reject);
    });
    asking.end(body);
    return promise;
  }

  leave(): void {
    this.#agent.destroy();
  }

  #watch(socket: Socket): void {
    if (this.#known.has(socket)) return;
    this.#known.add(socket);
    let port = 0;
    if (socket.connecting) socket.once("connect", () => (port = socket.localPort ?? 0));
    else port = socket.localPort ?? 0;
    socket.once("close", () => {
      if (!this.#ending.has(socket) && port > 0) this.#onCut(port);
    });
  }
}

function readWhole(answer: IncomingMessage): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let body = "";
  answer.setEncoding("latin1").on("data", (chunk: string) => {
    body += chunk;
  });
  answer.on("error", (error) => reject(new Error(`broke off: ${codeOf(error)}`)));
  answer.on("end", () => {
    const { statusCode = 0 } = answer;
    if (statusCode === 200 || statusCode === 201) resolve(body);
    else reject(new Error(`status ${statusCode}`));
  });
  return promise;
}

const reasonOf = (asking: ClientRequest, error: Error): string =>
  `${codeOf(error)} on a ${asking.reusedSocket ? "kept" : "new"} connection`;

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message;
