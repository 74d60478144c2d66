/** For tests: a process that starts an embedded server, says how, and holds it until it is killed. */
import { systemClock } from "../../../runtime/system-clock.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { startEmbeddedPostgres } from "./start-embedded-postgres.ts";

const [, , data = "", logFile] = process.argv;
const outlives = logFile === undefined ? {} : { outlives: { logFile } };
const server = await startEmbeddedPostgres({
  data,
  connectionsMax: 20,
  clock: systemClock,
  log: silentLog,
  ...outlives,
});
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid, origin: server.origin })}\n`);
await server.ended;
