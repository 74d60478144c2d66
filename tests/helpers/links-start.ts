import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Ready, startTrellis, type TrellisEvent, type TrellisProcess } from "./trellis-process.ts";

const root = join(import.meta.dirname, "../..");
const place = join(root, ".trellis/tests");

/** Links as `trellis start` runs it: its own processes, in production's mode. */
export interface RunningLinks extends Ready {
  readonly trellis: TrellisProcess;
  /** PostgreSQL's own process. */
  readonly database: TrellisEvent & { readonly pid: number; readonly url: string };
  /** Where each web instance answers by itself. */
  readonly webs: readonly string[];
  /** Asks as the owner. Not through `url`, unless `of` says so: which instance answers is for the test to say. */
  ask(path: string, init?: RequestInit & { headers?: Record<string, string> }, of?: string): Promise<Response>;
  shorten(body: object, headers?: Record<string, string>): Promise<Response>;
  /** Where a link leads, or the status of the refusal. */
  follow(code: string, of?: string): Promise<string>;
}

/** Starts Links on an empty data folder, for the length of a test. */
export async function startLinks(
  environment: Readonly<Record<string, string>> = {},
  data: string = dataFolder(),
): Promise<RunningLinks> {
  const trellis = startTrellis({ folder: root, environment }, "--data", data);
  const ready = await trellis.ready;
  const webs = ready.instances.flatMap(({ role, url }) => (role === "web" ? [url] : []));
  const [first = ready.url] = webs;
  const ask: RunningLinks["ask"] = (path, { headers, ...init } = {}, of = first) =>
    fetch(of + path, {
      redirect: "manual",
      ...init,
      headers: { authorization: `Bearer ${ready.ownerKey}`, ...headers },
    });
  return {
    ...ready,
    trellis,
    webs,
    database: await trellis.event(({ event }) => event === "database"),
    ask,
    shorten: (body, headers) => {
      const type = { "content-type": "application/json" };
      return ask("/v1/links", { method: "POST", body: JSON.stringify(body), headers: { ...type, ...headers } });
    },
    follow: async (code, of) => {
      const answer = await ask(`/${code}`, {}, of);
      await answer.arrayBuffer();
      return answer.headers.get("location") ?? String(answer.status);
    },
  };
}

function dataFolder(): string {
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, "links-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "data");
}
