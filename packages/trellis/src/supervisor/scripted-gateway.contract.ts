import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * A process that speaks as a gateway does, and serves nobody. It does what a test asks of it by the tag of a purge: `tell`
 * reports the JSON behind it. Named `mute` it never says that it is ready, `broken` it says why it is not; `barren` it
 * claims to have started a successor, and `deaf` it takes no order to stop.
 */
const program = `
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const lines = (input, take) => createInterface({ input }).on("line", (line) => take(JSON.parse(line)));
const say = (socket, report) => socket.write(JSON.stringify(report) + "\\n");

function begin(start) {
  const { name, control, port } = start;
  if (name === "mute") return void setInterval(() => undefined, 1_000);
  if (name === "broken") {
    console.log(JSON.stringify({ kind: "failed", error: { code: "port-in-use", says: "no port", cure: "take another" } }));
    process.exitCode = 1;
    return;
  }
  if (name === "deaf") process.on("SIGTERM", () => undefined);
  let version = start.table.version;
  const obey = (socket, order) => {
    const done = (problem) => say(socket, { kind: "done", id: order.id, ...(problem ? { problem } : {}) });
    if (order.kind === "table") {
      if (order.table.version < 0) return done("no such version");
      version = order.table.version;
      const figures = { name, version, connections: 0, services: [], upstreams: [], edge: {} };
      say(socket, { kind: "figures", figures });
    }
    if (order.kind === "purge" && order.purge.tag?.startsWith("tell")) say(socket, JSON.parse(order.purge.tag.slice(4)));
    if (order.kind === "succeed" && name !== "barren") return succeed(order, done);
    if (order.kind === "stop" && name !== "deaf") setImmediate(() => process.exit(0));
    done();
  };
  rmSync(control, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    say(socket, { kind: "hello", name, pid: process.pid, version });
    lines(socket, (order) => obey(socket, order));
  });
  server.listen(control, () => console.log(JSON.stringify({ kind: "ready", name, pid: process.pid, port })));
}

function succeed({ start, entry }, done) {
  const child = spawn(process.execPath, [entry], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(start) + "\\n");
  createInterface({ input: child.stdout }).once("line", () => done());
}

createInterface({ input: process.stdin }).once("line", (line) => begin(JSON.parse(line)));
`;

/** The folder of its sockets, and the file of its code. */
export function scriptedGateway(): { readonly folder: string; readonly entry: string } {
  const folder = mkdtempSync(join(tmpdir(), "trellis-kept-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = join(folder, "gateway.mjs");
  writeFileSync(entry, program);
  return { folder, entry };
}
