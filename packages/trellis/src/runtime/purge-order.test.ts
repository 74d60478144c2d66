import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { HeaderList } from "../gateway/exchange.ts";
import { ask, begin, Collector } from "../gateway/upstreams/ask.contract.ts";
import { FramesUpstream } from "../gateway/upstreams/frames-upstream.ts";
import { anyone, contract, database, edge, post, service } from "../index.ts";
import { app } from "../model/app.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";
import { systemClock } from "./system-clock.ts";

const menuContract = contract("menu", {
  rename: post("/v1/rename/:dish", { returns: z.object({ renamed: z.string() }), allow: anyone }),
  ask: post("/v1/ask", { returns: z.object({}), allow: anyone }),
});
const menu = service(menuContract, {
  uses: {
    db: database<Record<never, never>>({ migrations: mkdtempSync(join(tmpdir(), "trellis-menu-")) }),
    front: edge(),
  },
  routes: {
    rename: async ({ params: { dish } }, { db, front }) => {
      await db.transaction((tx) => front.in(tx).purge(dish));
      return { renamed: dish };
    },
    ask: async () => ({}),
  },
});

let running: TestApp;
beforeAll(async () => {
  running = await startTestApp(app({ services: [menu] }), { instances: 1 });
}, 60_000);
afterAll(() => running?.stop(), 60_000);

/** A gateway's connection to the instance, with the tags that it was told to purge. */
function gateway(path: string) {
  const told: string[] = [];
  const instances = {
    linked: () => undefined,
    unlinked: () => undefined,
    purge: (purge: object) => told.push((purge as { tag: string }).tag),
    figures: async () => "",
  };
  return { told, upstream: new FramesUpstream(path, { clock: systemClock, instances }) };
}

/** Notes what was told at the very moment of the answer. */
class WatchingSink extends Collector {
  isTold = false;
  readonly #look: () => boolean;

  constructor(look: () => boolean) {
    super();
    this.#look = look;
  }

  override whole(status: number, headers: HeaderList, body: Uint8Array | string): void {
    this.isTold = this.#look();
    super.whole(status, headers, body);
  }
}

test("whoever has changed something hears so after every gateway has heard what is to be purged", async () => {
  const path = join(running.folder, "frames.sock");
  await running.instances[0]?.opened.http.newFramesServer().listen(path);
  const [one, other] = [gateway(path), gateway(path)];
  const asked = { method: "POST", headers: ["host", "menu.localhost"] };
  const busy = (): Promise<unknown>[] =>
    [one, other].map(({ upstream }) => ask(upstream, { ...asked, target: "/v1/ask" }));
  await Promise.all(busy());
  const late: string[] = [];
  const rename = async (dish: string): Promise<void> => {
    const sink = new WatchingSink(() => one.told.includes(dish));
    begin(one.upstream, { ...asked, target: `/v1/rename/${dish}` }, sink);
    expect((await sink.answer).status).toBe(200);
    // Both gateways are this process: what has come to it in the same turn is read one after the other.
    await new Promise((resolve) => setImmediate(resolve));
    if (!sink.isTold || !other.told.includes(dish)) late.push(dish);
  };
  const dishes = Array.from({ length: 100 }, (_, place) => `dish-${place}`);
  // Others are answered in the same turns: what is ready leaves with them.
  for (const dish of dishes) await Promise.all([rename(dish), rename(`${dish}-too`), ...busy(), ...busy()]);
  expect(late).toEqual([]);
  expect(one.told).toHaveLength(200);
});
