import { createServer } from "node:net";
import { TrellisError } from "../../model/errors.ts";
import type { Environment } from "../../model/settings.ts";
import { wholeNumber } from "../arguments/whole-number.ts";
import type { DataFolder } from "./data-folder.ts";

const firstPort = 3000;
const lastPort = 3999;

/**
 * The port of an app: `--port`, else `PORT` (0: any that is free), else the one that it had before, else the first free
 * one from 3000, which is remembered: so two checkouts run side by side. `ours` is the one on which a gateway of the app
 * still answers: it does wherever no other is asked for. Throws `port-in-use` for one that was asked for.
 */
export async function choosePort(
  asked: string | undefined,
  environment: Environment,
  data: DataFolder,
  ours?: number,
): Promise<number> {
  const said = asked ?? environment.PORT?.trim();
  const wanted = said ? wholeNumber(said, asked === undefined ? "PORT" : "--port", 0, 65_535) : 0;
  if (ours !== undefined && (wanted === 0 || wanted === ours)) return ours;
  if (said) return askedPort(wanted);
  const before = data.port();
  if (before !== undefined && (await refusal(before)) === undefined) return before;
  const port = await firstFree();
  data.rememberPort(port);
  return port;
}

/** Why this port cannot be had; undefined where it is free. */
export async function refusal(port: number): Promise<string | undefined> {
  // Some systems let two programs listen on one port when their addresses differ: then only one of them is heard.
  for (const host of [undefined, "127.0.0.1"]) {
    const refused = await tryListening(port, host).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    if (refused === "EACCES") return `Port ${port} needs a privilege`;
    if (refused !== undefined) return refused === "EADDRINUSE" ? `Port ${port} is in use` : `Port ${port}: ${refused}`;
  }
  return undefined;
}

/** Any free one for 0. Throws `port-in-use`. */
export async function askedPort(port: number): Promise<number> {
  if (port === 0) return tryListening(0);
  const refused = await refusal(port);
  if (refused === undefined) return port;
  throw new TrellisError("port-in-use", { says: refused });
}

async function firstFree(): Promise<number> {
  for (let port = firstPort; port <= lastPort; port += 1) if ((await refusal(port)) === undefined) return port;
  throw new TrellisError("port-in-use", { says: `No port from ${firstPort} to ${lastPort} is free` });
}

function tryListening(port: number, host?: string): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, exclusive: true, ...(host ? { host } : {}) }, () => {
      const address = server.address();
      const got = typeof address === "object" && address ? address.port : port;
      server.close(() => resolve(got));
    });
  });
}
