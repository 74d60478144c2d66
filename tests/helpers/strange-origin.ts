import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A web server that knows nothing of Trellis, in a process of its own. Each answer says who gave it. */
const program = `
import { createServer } from "node:http";
let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  const { pathname, searchParams } = new URL(request.url, "http://here");
  if (pathname === "/cached") response.setHeader("cache-control", "max-age=60");
  const answer = () => response.end(JSON.stringify({ name: process.argv[1], asked }));
  setTimeout(answer, Number(searchParams.get("ms") ?? 0));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2]), "127.0.0.1", () => console.log(server.address().port));
`;

export interface StrangeOrigin {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
}

export interface StrangeAnswer {
  readonly name: string;
  /** How many requests it has had by then. */
  readonly asked: number;
}

/** Resolves when it listens. Ended with the test. */
export async function strangeOrigin(name: string, asked = 0): Promise<StrangeOrigin> {
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", program, name, String(asked)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  if (!child.stdout) throw new TypeError("Its output is piped");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const port = Number(line);
  return { url: `http://127.0.0.1:${port}`, port, kill };
}
