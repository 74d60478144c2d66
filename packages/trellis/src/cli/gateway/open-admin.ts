import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { GatewayFigures } from "../../gateway/port.ts";
import { TrellisError } from "../../model/errors.ts";
import { problemOf } from "../../model/problem.ts";
import type { Purge } from "../../model/purge.ts";
import { exposition, expositionType } from "../../telemetry/exposition.ts";
import type { Family } from "../../telemetry/family.ts";

export interface AdminOptions {
  /** 0: any. */
  readonly port: number;
  readonly figures: () => readonly GatewayFigures[];
  /** Of each gateway. */
  readonly look: () => Promise<readonly (readonly Family[])[]>;
  readonly purge: (purge: Purge) => Promise<void>;
}

export interface Admin {
  readonly url: string;
  close(): void;
}

const bodyBytesMax = 65_536;

const purgeBody = z.union([
  z.strictObject({ url: z.url() }),
  z.strictObject({ tag: z.string().min(1), service: z.string().optional() }),
  z.strictObject({ all: z.literal(true), service: z.string().optional() }),
]);

/** What gateways tell of themselves, and purging, for whoever is on this machine: it listens on 127.0.0.1 only. */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => refuse(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const says = `The port ${options.port} for --admin: ${cause.message}`;
      reject(cause.code === "EADDRINUSE" ? new TrellisError("port-in-use", { says, cause }) : cause);
    });
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  // Asked now and then: nobody waits for it at the end.
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AdminOptions): Promise<void> {
  refuseStrangers(request);
  const route = `${request.method} ${request.url}`;
  if (route === "GET /metrics") {
    const text = await exposition(await options.look());
    response.setHeader("content-type", expositionType).end(text);
  } else if (route === "GET /status") {
    response.setHeader("content-type", "application/json").end(JSON.stringify({ gateways: options.figures() }));
  } else if (route === "POST /purge") {
    await options.purge(await readPurge(request));
    response.writeHead(204).end();
  } else throw new TrellisError("unknown-route", { cure: "There are GET /metrics, GET /status and POST /purge." });
}

/** A page in a browser on this machine can reach 127.0.0.1, too, by a name that leads there; but it must say its name. */
function refuseStrangers({ headers }: IncomingMessage): void {
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  const isHere = host === "127.0.0.1" || host === "localhost";
  if (isHere && headers.origin === undefined) return;
  throw new TrellisError("forbidden", { says: "This is for programs on this machine", cure: "Ask http://127.0.0.1." });
}

async function readPurge(request: IncomingMessage): Promise<Purge> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > bodyBytesMax) throw new TrellisError("body-too-large", { cure: "One purge a request." });
  }
  const parsed = purgeBody.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new TrellisError("invalid-input", {
      says: "The body is no purge",
      cure: 'Send {"url": "http://…"}, {"tag": "…"} or {"all": true}.',
    });
  return parsed.data as Purge;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrellisError("malformed-json", { cause });
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  const known = error instanceof TrellisError ? error : new TrellisError("internal", { cause: error });
  response.writeHead(known.status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify(problemOf(known, "-")));
}
