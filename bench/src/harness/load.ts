import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hasProgram } from "./has-program.ts";
import { pinned } from "./pinning.ts";

/** Requests that keep `connections` busy for a while: each sends its next one when it has its answer. */
export interface Load {
  /** Where the server answers, without a path; always on this machine. */
  readonly origin: `http://127.0.0.1:${number}`;
  readonly method: "GET" | "POST";
  /** Asked for one after the other, again and again. */
  readonly paths: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadOutcome {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of status 400 and above, and connections that broke. */
  readonly failed: number;
}

/** What the load came from. wrk costs a fifth of what autocannon does, so its core is not what limits the server. */
export const loadGenerator: "wrk" | "autocannon" = hasProgram("wrk") ? "wrk" : "autocannon";

export const loadGeneratorNote =
  loadGenerator === "wrk"
    ? "load: wrk"
    : "load: autocannon, which may itself be the limit; for wrk: apt-get install wrk, or brew install wrk";

/** Throws when any request failed: a figure that counts errors as answers is worth nothing. */
export async function generate(load: Load): Promise<LoadOutcome> {
  const outcome = await (loadGenerator === "wrk" ? fromWrk(load) : fromAutocannon(load));
  if (outcome.failed > 0 || outcome.requests === 0)
    throw new Error(`${outcome.failed} of ${outcome.requests} requests to ${load.origin} failed.`);
  return outcome;
}

async function fromWrk(load: Load): Promise<LoadOutcome> {
  const script = join(tmpdir(), `trellis-bench-${randomUUID()}.lua`);
  writeFileSync(script, wrkScript(load));
  try {
    const output = await runPinned([
      "wrk",
      "--threads=1",
      `--connections=${load.connections}`,
      `--duration=${load.seconds}s`,
      `--script=${script}`,
      load.origin,
    ]);
    return JSON.parse(output.slice(output.lastIndexOf("\n{"))) as LoadOutcome;
  } finally {
    rmSync(script);
  }
}

/** The requests are made before the first is sent, so that wrk spends its core on sending. */
function wrkScript({ method, paths, headers = {}, body }: Load): string {
  const fields = Object.entries(headers).map(([name, value]) => `[${lua(name)}] = ${lua(value)}`);
  return `
local paths = { ${paths.map(lua).join(", ")} }
local headers = { ${fields.join(", ")} }
local requests, at = {}, 0
function init()
  for i, path in ipairs(paths) do
    requests[i] = wrk.format(${lua(method)}, path, headers, ${body === undefined ? "nil" : lua(body)})
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local errors = summary.errors
  print(string.format('\\n{"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"failed":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status))
end
`;
}

/** JSON's string literals are Lua's too, as long as they hold nothing but printable ASCII. */
function lua(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError(`Load is printable ASCII only: ${text}`);
  return JSON.stringify(text);
}

async function fromAutocannon(load: Load): Promise<LoadOutcome> {
  const program = fileURLToPath(new URL("./autocannon-load.ts", import.meta.url));
  return JSON.parse(await runPinned([process.execPath, program, JSON.stringify(load)])) as LoadOutcome;
}

async function runPinned(command: readonly string[]): Promise<string> {
  const [program, ...args] = pinned("generator", command);
  const { stdout } = await promisify(execFile)(program, args, { timeout: 120_000 });
  return stdout;
}
