import type { Server } from "node:http";
import type { AddressInfo, ListenOptions } from "node:net";
import { TrellisError } from "../model/errors.ts";
import type { Log } from "../model/log.ts";
import type { Plan } from "../model/plan.ts";
import { type OpenOptions, type OpenPlan, open } from "./open.ts";

/** One operating-system process's part of an app, answering HTTP. */
export interface Instance {
  /** Reaches this instance and no other: health, debugging, tests. */
  readonly privateUrl: string;
  /** The port that the app answers on; undefined for a shared worker, and behind a gateway. */
  readonly port: number | undefined;
  readonly opened: OpenPlan;
  /** Unready, in-flight requests finished, everything closed. False when the deadline cut some off. */
  stop(): Promise<boolean>;
}

export interface InstanceOptions extends OpenOptions {
  /** The address of the shared port: all of the machine's unless said otherwise. */
  readonly host?: string;
  /**
   * Path of a Unix socket on which the gateway's frames are taken: the gateway has the shared port then. A shared
   * worker has none. A socket that nobody listens on any more is replaced.
   */
  readonly framesSocket?: string;
}

/** Opens the plan and listens: one that answers routes on the shared port, each on a private one. */
export async function startInstance(plan: Plan, options: InstanceOptions): Promise<Instance> {
  const opened = await open(plan, options);
  const servers: Server[] = [];
  const listen = async (at: ListenOptions, own = false): Promise<AddressInfo> => {
    const server = opened.http.newServer({ own });
    servers.push(server);
    return listening(server, at);
  };
  try {
    const own = await listen({ port: 0, host: "127.0.0.1", exclusive: true }, true);
    const shared =
      opened.answers && options.framesSocket === undefined
        ? await listen({ port: plan.settings.port, ...(options.host ? { host: options.host } : {}) })
        : undefined;
    if (opened.answers && options.framesSocket !== undefined)
      await opened.http.newFramesServer().listen(options.framesSocket);
    const privateUrl = `http://127.0.0.1:${own.port}`;
    await opened.announce(privateUrl);
    return {
      privateUrl,
      port: shared?.port,
      opened,
      stop: () => stop(opened, servers, options.log),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function stop(opened: OpenPlan, servers: readonly Server[], log: Log): Promise<boolean> {
  const cutOff = await opened.drain();
  await opened.stopWork();
  for (const server of servers) server.close();
  await opened.close();
  if (cutOff > 0) log.warn("requests were cut off at the end of the drain", { cutOff });
  return cutOff === 0;
}

function listening(server: Server, at: ListenOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, at)));
    server.listen(at, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new TypeError("The server listens on no port"));
      else resolve(address);
    });
  });
}

function refusal(error: NodeJS.ErrnoException, { port }: ListenOptions): Error {
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  return new TrellisError("port-in-use", {
    says: error.code === "EACCES" ? `Port ${port} needs a privilege` : `Port ${port} is in use`,
    cause: error,
  });
}
