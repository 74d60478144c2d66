import { rm } from "node:fs/promises";
import pg from "pg";
import type { Clock } from "../../../model/clock.ts";
import { TrellisError } from "../../../model/errors.ts";
import type { Log } from "../../../model/log.ts";
import { pause } from "../connections/connector.ts";
import { databaseError } from "../connections/database-error.ts";
import type { EmbeddedServer } from "../port.ts";
import { adoptServer } from "./adopt-server.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { type Child, startChild } from "./child.ts";
import { claim } from "./claim.ts";
import { createWhole, diskError, hasCluster, resolveDataFolder, wasShutDown } from "./data-folder.ts";
import { readyMsMax, stopMsMax } from "./limits.ts";
import { endLeftOvers, readPidFile } from "./postmaster.ts";
import { serverSettings } from "./server-settings.ts";
import { databaseName, socketFolder, socketUrl } from "./socket-folder.ts";
import { findProgram, type Unprivileged, unprivileged } from "./unprivileged.ts";

export interface EmbeddedOptions {
  /** PostgreSQL's own folder. Made where it is missing. */
  readonly data: string;
  readonly connectionsMax: number;
  readonly clock: Clock;
  readonly log: Log;
  /** It goes on when this process is killed, and says what it has to say in this file. */
  readonly outlives?: { readonly logFile: string };
  /** Goes on with a server that another process has left running, where there is one that serves; else that is ended. */
  readonly adopts?: boolean;
}

const readyPollMs = 5;

/**
 * Starts the PostgreSQL that Trellis brings along; creates its data where there are none, and brings them back to the
 * last commit where it had been killed. Unless it is to outlive this process, it ends with it on Linux; where it cannot,
 * the next start ends it, or goes on with it.
 *
 * Throws `wrong-platform`, `data-folder`, `data-folder-in-use`, `data-folder-newer`, `data-folder-older`, `disk-full`.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const data = await resolveDataFolder(options.data);
  const binaries = await findBinaries();
  const release = await claim(data, options.clock);
  try {
    return await open({ ...options, data }, binaries, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function open(
  options: EmbeddedOptions,
  binaries: Binaries,
  release: () => Promise<void>,
): Promise<EmbeddedServer> {
  const { data, clock, connectionsMax, adopts = false } = options;
  const ends = options.outlives !== undefined;
  const left = adopts && (await adoptServer({ data, clock, connectionsMax, ends, postgres: binaries.postgres }));
  if (left) return { ...left, ended: left.ended.then(release), stop: () => left.stop().then(release) };
  const user = await unprivileged(binaries.postgres, data);
  const created = !(await hasCluster(data)) && (await createCluster(data, binaries, user));
  await user.own(data);
  await endLeftOvers(data, clock);
  const origin = created ? "created" : (await wasShutDown(data)) ? "started" : "recovered";
  const socket = await socketFolder(data, user);
  const child = await launch(options, binaries, user, socket);
  const ended = child.ended.then(() => rm(socket, { recursive: true, force: true })).then(release);
  const stop = () => stopServer(child, ended, clock);
  try {
    await untilReady(child, options);
    await ensureDatabase(socket);
  } catch (cause) {
    await stop();
    throw cause instanceof TrellisError ? cause : ((await diskError(data, cause)) ?? databaseError(cause));
  }
  return { url: socketUrl(socket, databaseName), pid: child.pid, origin, ended, stop };
}

function createCluster(data: string, binaries: Binaries, user: Unprivileged): Promise<boolean> {
  return createWhole(data, async (draft) => {
    await user.own(draft);
    const flags = ["--username=trellis", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"];
    // The same order of text on every machine, whatever its locale or its libraries.
    const collation = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const child = await startChild(
      user.invoke(binaries.initdb, ["-D", draft, ...flags, ...collation]),
      () => undefined,
    );
    if ((await child.ended) !== 0) throw await failure(data, child);
  });
}

async function launch(
  { data, connectionsMax, log, outlives }: EmbeddedOptions,
  binaries: Binaries,
  user: Unprivileged,
  socket: string,
): Promise<Child> {
  const server = ["-D", data, ...serverSettings(socket, connectionsMax)];
  const guard = outlives ? undefined : await endingWithUs();
  const invocation = guard
    ? user.invoke(guard, ["--pdeathsig", "INT", binaries.postgres, ...server])
    : user.invoke(binaries.postgres, server);
  if (outlives) return startChild(invocation, { file: outlives.logFile });
  const words = log.with({ program: "postgres" });
  return startChild(invocation, (line) => (isFarewell(line) ? words.debug(line) : words.warn(line)));
}

/** What it says to each connection that is still open when it was asked to end: nobody needs to look into that. */
function isFarewell(line: string): boolean {
  return line.endsWith("terminating connection due to administrator command");
}

/** On Linux the kernel can ask PostgreSQL to end when this process does, even by kill -9. */
async function endingWithUs(): Promise<string | undefined> {
  return process.platform === "linux" ? findProgram("setpriv") : undefined;
}

async function untilReady(child: Child, { data, clock }: EmbeddedOptions): Promise<void> {
  const until = clock.now() + readyMsMax;
  let ended = false;
  void child.ended.then(() => {
    ended = true;
  });
  for (;;) {
    const file = await readPidFile(data);
    if (file?.ready && file.pid === child.pid) return;
    if (ended || clock.now() >= until) throw await failure(data, child);
    await pause(clock, readyPollMs);
  }
}

async function ensureDatabase(socket: string): Promise<void> {
  const client = new pg.Client({ connectionString: socketUrl(socket, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

async function stopServer(child: Child, ended: Promise<void>, clock: Clock): Promise<void> {
  child.signal("SIGINT");
  const late = clock.after(stopMsMax, () => child.signal("SIGQUIT"));
  await ended;
  late.cancel();
}

async function failure(data: string, child: Child): Promise<TrellisError> {
  const words = child.lastWords();
  const cause = new Error(words || "It said nothing.");
  return (
    (await diskError(data, cause)) ??
    new TrellisError("data-folder", {
      says: `PostgreSQL did not start on ${data}: ${words.split("\n").at(-1) || "it said nothing"}`,
      cure: "See what PostgreSQL says above; restore a backup, or choose another folder with --data.",
      cause,
    })
  );
}
