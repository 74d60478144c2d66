import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { hasProgram } from "./has-program.ts";
import { nodeProgram, pinned } from "./pinning.ts";

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
  /** What each connection rests between an answer and its next request, in the middle; by chance up to twice as long. */
  readonly restMs?: number;
}

export interface LoadOutcome {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of status 400 and above, and connections that broke. */
  readonly failed: number;
}

const generatorMsMax = 120_000;

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
  const options = ["--threads=1", `--connections=${load.connections}`, `--duration=${load.seconds}s`, "--timeout=30s"];
  return withFile("lua", wrkScript(load), (script) => ["wrk", ...options, `--script=${script}`, load.origin]);
}

/** The requests are made before the first is sent, so that wrk spends its core on sending. */
function wrkScript({ method, paths, headers = {}, body, restMs }: Load): string {
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
${restMs === undefined ? "" : `function delay() return math.random(0, ${Math.round(2 * restMs)}) end`}
function done(summary, latency)
  local errors = summary.errors
  print(string.format('{"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"failed":%d}',
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
  if (load.restMs !== undefined) throw new Error("Only wrk rests between requests: apt-get install wrk.");
  const program = new URL("./autocannon-load.ts", import.meta.url);
  return withFile("json", JSON.stringify(load), (file) => nodeProgram(program, file));
}

/** Runs a load generator that reads what to ask from a file, and prints what came of it as its last line. */
async function withFile(
  suffix: string,
  text: string,
  command: (file: string) => readonly string[],
): Promise<LoadOutcome> {
  const file = join(tmpdir(), `trellis-bench-${randomUUID()}.${suffix}`);
  writeFileSync(file, text);
  try {
    const [program, ...args] = pinned("generator", command(file));
    const { stdout } = await promisify(execFile)(program, args, { timeout: generatorMsMax });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as LoadOutcome;
  } finally {
    rmSync(file);
  }
}
