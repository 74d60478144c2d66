import { beforeAll, describe, expect, it } from "vitest";
import { testBuses } from "../../testing/test-bus.ts";
import { testClock } from "../../testing/test-clock.ts";
import type { DatabaseEngine } from "../database/port.ts";
import { type TestDatabase, testDatabase } from "../database/test-database.contract.ts";
import { keyMigrations, openApiKeys } from "./api-keys.ts";

describe("API keys", () => {
  let database: TestDatabase;
  let engine: DatabaseEngine;

  beforeAll(async () => {
    database = await testDatabase("api_keys");
    engine = database.engine();
    await engine.migrate(keyMigrations);
  });

  /** Two instances' keys, on one database and one bus. */
  function twoInstances() {
    const clock = testClock();
    const [near, far] = testBuses(2);
    if (!near || !far) throw new Error("two buses were asked for");
    return {
      clock,
      here: openApiKeys({ sql: engine.platform, bus: near, clock }),
      there: openApiKeys({ sql: engine.platform, bus: far, clock }),
      far,
    };
  }

  it("say who sends them, and what that one may do", async () => {
    const { here, there } = twoInstances();
    const { key, text } = await here.create({ workspace: "acme", scopes: ["links:read"] });
    expect(await there.actor(`Bearer ${text}`)).toEqual({
      id: `key:${key.id}`,
      workspace: "acme",
      scopes: ["links:read"],
    });
  });

  it("are known at once when they were seen lately, without asking the database", async () => {
    const { here } = twoInstances();
    const { text } = await here.create({ workspace: "acme", scopes: ["*"] });
    await here.actor(`Bearer ${text}`);
    expect(here.actor(`Bearer ${text}`)).toMatchObject({ workspace: "acme" });
  });

  it("are looked up again after a minute", async () => {
    const { here, clock } = twoInstances();
    const { text } = await here.create({ workspace: "acme", scopes: ["*"] });
    await here.actor(`Bearer ${text}`);
    await clock.advance(60_000);
    expect(here.actor(`Bearer ${text}`)).toBeInstanceOf(Promise);
  });

  it("end everywhere when they are revoked, also where they were remembered", async () => {
    const { here, there, far } = twoInstances();
    const { key, text } = await here.create({ workspace: "acme", scopes: ["*"] });
    await Promise.all([here.actor(`Bearer ${text}`), there.actor(`Bearer ${text}`)]);
    expect(await here.revoke(key.id)).toBe(true);
    await far.delivered();
    expect(await here.actor(`Bearer ${text}`)).toBeUndefined();
    expect(await there.actor(`Bearer ${text}`)).toBeUndefined();
    expect(await here.revoke(key.id)).toBe(false);
  });

  it("are not remembered by a look-up that began before the revocation", async () => {
    const { here } = twoInstances();
    const { key, text } = await here.create({ workspace: "acme", scopes: ["*"] });
    const begun = here.actor(`Bearer ${text}`);
    await Promise.all([begun, here.revoke(key.id)]);
    expect(await here.actor(`Bearer ${text}`)).toBeUndefined();
  });

  it("are refused with another secret, and in any other form", async () => {
    const { here } = twoInstances();
    const { text } = await here.create({ workspace: "acme", scopes: ["*"] });
    const otherSecret = `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`;
    for (const sent of [undefined, "", "Bearer", text, `Basic ${text}`, `Bearer ${otherSecret}`, `Bearer ${text}x`])
      expect(await here.actor(sent)).toBeUndefined();
  });

  it("leave no secret in the database", async () => {
    const { here } = twoInstances();
    const { text } = await here.create({ workspace: "acme", scopes: ["*"], label: "laptop" });
    const secret = text.slice(text.lastIndexOf("_", text.length - 32) + 1);
    const [row] = await database.query<{ all: string }>(
      "select string_agg(k::text, ' ') as all from trellis.api_key k",
    );
    expect(row?.all).toContain("laptop");
    expect(row?.all).not.toContain(secret);
  });

  it("give the first owner's once, whoever asks at the same time", async () => {
    const fresh = await testDatabase("api_keys_first");
    const own = fresh.engine();
    await own.migrate(keyMigrations);
    const keys = openApiKeys({ sql: own.platform, clock: testClock() });
    const given = await Promise.all([keys.firstOwnerKey(), keys.firstOwnerKey(), keys.firstOwnerKey()]);
    expect(given.filter((text) => text !== undefined)).toHaveLength(1);
    expect(await keys.firstOwnerKey()).toBeUndefined();
    expect(await keys.list()).toMatchObject([{ workspace: "main", scopes: ["*"], revokedAt: null }]);
  });

  it("give the first owner's again where it could not be made: nothing stays of the attempt", async () => {
    const fresh = await testDatabase("api_keys_refused");
    const own = fresh.engine();
    await own.migrate(keyMigrations);
    const keys = openApiKeys({ sql: own.platform, clock: testClock() });
    await own.platform.query("alter table trellis.api_key add constraint no_room check (label <> 'first owner')");
    await expect(keys.firstOwnerKey()).rejects.toThrow("no_room");
    await own.platform.query("alter table trellis.api_key drop constraint no_room");
    expect(await keys.firstOwnerKey()).toMatch(/^trellis_/);
  });

  it.each([[[]], [["links"]], [["links:read", "Links:Write"]]])(
    "refuse the scopes %j, with the cure",
    async (scopes) => {
      const { here } = twoInstances();
      await expect(here.create({ workspace: "acme", scopes: scopes as ["a:b"] })).rejects.toThrow(
        expect.objectContaining({ code: "usage", cure: expect.stringContaining("links:read") }),
      );
    },
  );

  it("refuse a workspace's name that could not stand in an address", async () => {
    const { here } = twoInstances();
    await expect(here.create({ workspace: "A/B", scopes: ["*"] })).rejects.toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });
});
