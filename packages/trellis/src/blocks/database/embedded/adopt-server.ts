import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../model/clock.ts";
import { pause } from "../connections/connector.ts";
import type { EmbeddedServer } from "../port.ts";
import { stopMsMax } from "./limits.ts";
import { processesIn, readPidFile, signal } from "./postmaster.ts";
import { serverSettings } from "./server-settings.ts";
import { databaseName, socketUrl } from "./socket-folder.ts";

export interface AdoptOptions {
  /** The folder of the cluster, without symbolic links. */
  readonly data: string;
  readonly postgres: string;
  readonly connectionsMax: number;
  readonly clock: Clock;
  /** Whether `stop` ends it; else it is left to whoever comes next. */
  readonly ends: boolean;
}

/** Nobody tells a process that another's child has ended. */
const lookMs = 100;

/**
 * The server that a killed process has left running, where it serves and runs as it would be started now; else undefined.
 */
export async function adoptServer(options: AdoptOptions): Promise<EmbeddedServer | undefined> {
  const { data, clock } = options;
  const file = await readPidFile(data);
  if (!file?.ready || !(await processesIn(data)).includes(file.pid)) return undefined;
  if (!(await isStartedAlike(options, file.socketFolder))) return undefined;
  const { pid } = file;
  const ended = untilGone(pid, clock);
  return {
    url: socketUrl(file.socketFolder, databaseName),
    pid,
    origin: "adopted",
    ended,
    stop: async () => {
      if (!options.ends) return;
      signal(pid, "SIGINT");
      const late = clock.after(stopMsMax, () => signal(pid, "SIGQUIT"));
      await ended;
      late.cancel();
    },
  };
}

/** Judged by the command line, which PostgreSQL writes down: each word in quotes (postmaster.c, CreateOptsFile). */
async function isStartedAlike(
  { data, postgres, connectionsMax }: AdoptOptions,
  socketFolder: string,
): Promise<boolean> {
  const written = await readFile(join(data, "postmaster.opts"), "utf8").catch(() => "");
  const words = ["-D", data, ...serverSettings(socketFolder, connectionsMax)].map((word) => `"${word}"`);
  return written.trim() === [postgres, ...words].join(" ");
}

async function untilGone(pid: number, clock: Clock): Promise<void> {
  while (lives(pid)) await pause(clock, lookMs);
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
