import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DemoError, exits } from "./arguments.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const command = join(root, "packages/trellis/bin/trellis.mjs");
const scopes = "links:write,links:read,links:reconcile";

/** A key for one demo. */
export interface OwnKey {
  readonly text: string;
  revoke(): Promise<void>;
}

/** Where the app that `npm start` runs here answers. Throws `DemoError` where none runs. */
export async function ownUrl(environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  const data = resolve(root, environment.TRELLIS_DATA?.trim() || ".trellis");
  const text = await readFile(join(data, "running.json"), "utf8").catch(() => undefined);
  if (text === undefined)
    throw new DemoError(
      "No app runs here. Start it with `npm start`, or name one with --url and --key.",
      exits.unavailable,
    );
  return `http://localhost:${(JSON.parse(text) as { readonly port: number }).port}`;
}

/** Makes a key of the app that runs here, for which one must be who runs it. */
export async function makeOwnKey(): Promise<OwnKey> {
  const made = await trellis("key", "new", "--scopes", scopes, "--label", "demo", "--json");
  const { id, key } = JSON.parse(made) as { readonly id: string; readonly key: string };
  return { text: key, revoke: async () => void (await trellis("key", "revoke", id)) };
}

async function trellis(...words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [command, ...words], { cwd: root });
  return stdout;
}
