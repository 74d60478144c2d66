import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { systemClock, systemRandom } from "../../runtime/system-clock.ts";
import { silentLog } from "../../testing/silent-log.ts";
import type { AnswerSink, Forwarding, GatewayRequest, Hop, UpgradeSink } from "../exchange.ts";
import { openFront } from "./open-front.ts";
import type { Front, FrontOptions, ListenOptions } from "./port.ts";

type Script = (request: GatewayRequest, sink: AnswerSink) => void;

/** An origin in process that does what a test tells it. */
export class ScriptedHop implements Hop {
  readonly seen: GatewayRequest[] = [];
  script: Script = (_, sink) => sink.whole(200, ["content-type", "text/plain"], "hello");
  upgradeScript: (request: GatewayRequest, sink: UpgradeSink) => void = () => undefined;
  onResume: () => void = () => undefined;
  aborted = 0;
  resumed = 0;
  #tellAborted: (() => void) | undefined;

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    this.seen.push(request);
    this.script(request, sink);
    return this.#forwarding();
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    this.seen.push(request);
    this.upgradeScript(request, sink);
    return this.#forwarding();
  }

  /** Resolves when the next forwarding is aborted. */
  untilAborted(): Promise<void> {
    return new Promise((resolve) => {
      this.#tellAborted = resolve;
    });
  }

  #forwarding(): Forwarding {
    return {
      resume: () => {
        this.resumed += 1;
        this.onResume();
      },
      abort: () => {
        this.aborted += 1;
        this.#tellAborted?.();
      },
    };
  }
}

export interface Rig {
  readonly hop: ScriptedHop;
  readonly front: Front;
  readonly port: number;
}

/** A front on a port of its own before a scripted origin, for the length of a test. */
export async function openRig(options: Partial<FrontOptions> = {}, listen: Partial<ListenOptions> = {}): Promise<Rig> {
  const hop = new ScriptedHop();
  const front = openFront({
    hop,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    ...options,
    settings: {
      bodyBytesMax: 1_000_000,
      headersBytesMax: 16_384,
      requestTimeoutMs: 30_000,
      connectionsMax: 1_000,
      trustedProxies: "none",
      ...options.settings,
    },
  });
  onTestFinished(() => front.close());
  const port = await front.listen({ port: 0, host: "127.0.0.1", ...listen });
  return { hop, front, port };
}

export function headerOf({ headers }: GatewayRequest, name: string): string | undefined {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text === name);
  return at < 0 ? undefined : headers[at + 1];
}

/** One request as it is; resolves with all that comes back until the connection is closed. */
export function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(request, "latin1"));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}

/** A GET that is the last on its connection. */
export function get(target: string, ...headers: string[]): string {
  return `GET ${target} HTTP/1.1\r\n${["Host: a", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;
}

/** A connection on which a test writes and reads piece by piece. */
export class RawConnection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #text = "";
  #wanted: { readonly what: string; readonly tell: (text: string) => void } | undefined;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => undefined);
    this.socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("latin1");
      this.#look();
    });
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    onTestFinished(() => void this.socket.destroy());
  }

  write(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** Everything up to and with `what`, once it has come. */
  until(what: string): Promise<string> {
    return new Promise((tell) => {
      this.#wanted = { what, tell };
      this.#look();
    });
  }

  #look(): void {
    const at = this.#wanted === undefined ? -1 : this.#text.indexOf(this.#wanted.what);
    if (!this.#wanted || at < 0) return;
    const end = at + this.#wanted.what.length;
    const { tell } = this.#wanted;
    this.#wanted = undefined;
    const text = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    tell(text);
  }
}
