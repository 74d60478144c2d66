import { linksContract } from "links/contract";
import type { Client } from "trellis/contract";
import { startTestApp, type TestApp } from "trellis/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import config from "../trellis.config.ts";

describe("a link that is changed through one instance", () => {
  let running: TestApp;
  let first: Client<(typeof linksContract)["routes"]>;

  beforeAll(async () => {
    running = await startTestApp(config);
    first = await running.client(linksContract, { instance: 0, scopes: ["links:read", "links:write"] });
  });
  afterAll(() => running.stop());

  async function followed(code: string, instance = 1): Promise<string | null> {
    const url = running.instances[instance]?.privateUrl;
    const answer = await fetch(`${url}/${code}`, { redirect: "manual" });
    return answer.headers.get("location") ?? `${answer.status}`;
  }

  const within = { timeout: 1_000, interval: 20 };

  it("is followed with its new target through the other within a second", async () => {
    await first.shorten({ body: { target: "https://example.com/old", alias: "moved" } });
    expect(await followed("moved")).toBe("https://example.com/old");
    await first.change({ params: { code: "moved" }, body: { target: "https://example.com/new" } });
    await vi.waitFor(async () => expect(await followed("moved")).toBe("https://example.com/new"), within);
  });

  it("is so at once through the instance that changed it", async () => {
    await first.shorten({ body: { target: "https://example.com/old", alias: "near" } });
    expect(await followed("near", 0)).toBe("https://example.com/old");
    await first.change({ params: { code: "near" }, body: { target: "https://example.com/new" } });
    expect(await followed("near", 0)).toBe("https://example.com/new");
  });

  it("exists for the other though it had been asked for in vain just before", async () => {
    expect(await followed("not-yet")).toBe("404");
    await first.shorten({ body: { target: "https://example.com/", alias: "not-yet" } });
    await vi.waitFor(async () => expect(await followed("not-yet")).toBe("https://example.com/"), within);
  });

  it("is gone for the other when it is archived", async () => {
    await first.shorten({ body: { target: "https://example.com/", alias: "leaving" } });
    expect(await followed("leaving")).toBe("https://example.com/");
    await first.archive({ params: { code: "leaving" } });
    await vi.waitFor(async () => expect(await followed("leaving")).toBe("410"), within);
  });

  it("is followed with its new target within a second though every notification connection was cut", async () => {
    await first.shorten({ body: { target: "https://example.com/old", alias: "cut-off" } });
    expect(await followed("cut-off")).toBe("https://example.com/old");
    const cut = await running.instances[0]?.opened.database.platform.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'trellis listener'`,
    );
    expect(cut?.length).toBeGreaterThanOrEqual(2);
    await first.change({ params: { code: "cut-off" }, body: { target: "https://example.com/new" } });
    await vi.waitFor(async () => expect(await followed("cut-off")).toBe("https://example.com/new"), within);
  });
});
