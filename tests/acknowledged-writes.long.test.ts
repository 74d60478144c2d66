import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linksContract } from "links/contract";
import { client } from "trellis/contract";
import { expect, onTestFinished, test } from "vitest";
import { freshDatabase } from "../packages/trellis/src/testing/fresh-database.ts";
import { type Ready, startTrellis } from "./helpers/trellis-process.ts";

const folder = join(import.meta.dirname, "..");
const writersAtOnce = 8;
/** So many are acknowledged before the axe falls in the midst of others. */
const acknowledgedBeforeKill = 200;

/** The embedded server dies with its tree; the server that the whole suite runs on, where there is one, does not. */
const servers = process.env.TEST_DATABASE_URL ? ["embedded", "networked"] : ["embedded"];

test.each(servers)("kill -9 of the whole tree during writes, three times, loses no link (%s)", async (server) => {
  const data = mkdtempSync(join(tmpdir(), "trellis-kills-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const environment = server === "networked" ? await emptyDatabase() : {};
  const acknowledged = new Map<string, string>();
  let key = "";

  for (let round = 1; round <= 3; round += 1) {
    const trellis = startTrellis({ folder, environment }, "--data", data);
    const ready = await trellis.ready;
    key = ready.ownerKey ?? key;
    const before = acknowledged.size;
    const writing = writers(ready, key, `round${round}`, acknowledged);
    await writing.until(before + acknowledgedBeforeKill);
    await trellis.killTree();
    await writing.ended;
  }

  const { url, instances } = await startTrellis({ folder, environment }, "--data", data).ready;
  expect(instances.filter(({ role }) => role === "web")).toHaveLength(2);
  expect(acknowledged.size).toBeGreaterThanOrEqual(3 * acknowledgedBeforeKill);
  for (const [code, target] of acknowledged) {
    const answer = await fetch(`${url}/${code}`, { redirect: "manual" });
    expect([code, answer.headers.get("location")]).toEqual([code, target]);
  }
});

async function emptyDatabase(): Promise<Readonly<Record<string, string>>> {
  const { url, drop } = await freshDatabase(process.env.TEST_DATABASE_URL);
  onTestFinished(drop);
  return { DATABASE_URL: url };
}

interface Writing {
  /** Resolves when so many links in all have been acknowledged. */
  until(count: number): Promise<void>;
  /** Resolves when every writer has met an error. */
  readonly ended: Promise<unknown>;
}

/** Makes links as fast as it goes, `writersAtOnce` at a time, until the server is gone. */
function writers({ url }: Ready, key: string, name: string, acknowledged: Map<string, string>): Writing {
  const api = client(linksContract, { url, key });
  let [wanted, reached] = [Number.POSITIVE_INFINITY, () => {}];
  const write = async (writer: number): Promise<void> => {
    for (let number = 0; ; number += 1) {
      const target = `https://example.com/${name}/${writer}/${number}`;
      const tried = await api.shorten.try({ body: { target } });
      if (!tried.ok) return;
      acknowledged.set(tried.value.code, tried.value.target);
      if (acknowledged.size >= wanted) reached();
    }
  };
  return {
    until: (count) =>
      new Promise((resolve) => {
        [wanted, reached] = [count, resolve];
        if (acknowledged.size >= count) resolve();
      }),
    ended: Promise.all(Array.from({ length: writersAtOnce }, (_, writer) => write(writer))),
  };
}
