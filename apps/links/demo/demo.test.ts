import type { Failure, Result } from "trellis/contract";
import { describe, expect, test } from "vitest";
import { type Link, LinkArchived } from "../src/contract.ts";
import { type DemoError, exits } from "./arguments.ts";
import { type DemoParts, demo } from "./demo.ts";
import domains from "./top-sites/domains.json" with { type: "json" };

const start = Date.parse("2026-01-01T00:00:00.500Z");

/** A shortener that keeps links by idempotency key, as the real one does. */
class Shortener {
  readonly byKey = new Map<string, Link>();
  readonly present = new Map<string, Link>();
  follows = 0;
  up = true;
  text = "";
  nowMs = start;

  parts(): DemoParts {
    const api = { shorten: { try: this.#shorten }, follow: { try: this.#follow }, read: { try: this.#read } };
    const screen = {
      isTerminal: false,
      write: (more: string) => {
        this.text += more;
      },
    };
    return { api: api as unknown as DemoParts["api"], url: "http://go.test", screen, nowMs: () => this.nowMs };
  }

  #answer<Value>(value: Value | Failure): Result<Value, Failure> {
    this.nowMs += 2;
    if (!this.up) return { ok: false, failure: { code: "unavailable", detail: {}, failed: true } };
    if (typeof value === "object" && value !== null && "failed" in value) return { ok: false, failure: value };
    return { ok: true, value };
  }

  #shorten = async ({ body }: { body: { target: string } }, { idempotencyKey }: { idempotencyKey: string }) => {
    const code = `code-${this.byKey.size}`;
    const fresh: Link = {
      code,
      target: body.target,
      url: `http://go.test/${code}`,
      state: "active",
      version: 1,
      createdAt: new Date(this.nowMs).toISOString(),
    };
    const link = this.byKey.get(idempotencyKey) ?? fresh;
    this.byKey.set(idempotencyKey, link);
    if (!this.present.has(link.code)) this.present.set(link.code, link);
    return this.#answer(link);
  };

  #follow = async ({ params: { code } }: { params: { code: string } }) => {
    this.follows++;
    const link = this.present.get(code);
    return this.#answer(link?.state === "active" ? { to: link.target } : LinkArchived({ code }));
  };

  #read = async ({ params: { code } }: { params: { code: string } }) => this.#answer(this.present.get(code) as Link);
}

const refusal = (run: Promise<void>) =>
  run.then(
    () => undefined,
    (error: DemoError) => error,
  );

describe("the demo", () => {
  test("has 500 domains, each once", () => {
    expect(new Set(domains).size).toBe(500);
    for (const domain of domains) expect(new URL(`https://${domain}/`).hostname).toBe(domain);
  });

  test("makes a link to each domain and follows as often as asked", async () => {
    const shortener = new Shortener();
    await demo(shortener.parts(), domains, 1_234);
    expect([...shortener.present.values()].map(({ target }) => target)).toEqual(
      domains.map((domain) => `https://${domain}/`),
    );
    expect(shortener.follows).toBe(1_234);
    expect(shortener.text).toContain("500 links: 500 new, 0 made before");
    expect(shortener.text).toContain("1,234 followed, each to its target");
  });

  test("a second run makes none anew", async () => {
    const shortener = new Shortener();
    await demo(shortener.parts(), domains, 0);
    shortener.nowMs += 60_000;
    await demo(shortener.parts(), domains, 0);
    expect(shortener.present.size).toBe(500);
    expect(shortener.text).toContain("500 links: 0 new, 500 made before");
  });

  test("links that were changed or archived since an earlier run lead where they should", async () => {
    const shortener = new Shortener();
    await demo(shortener.parts(), ["a.test", "b.test"], 0);
    const [one, other] = [...shortener.present.values()];
    if (!one || !other) throw new Error("No links were made");
    shortener.present.set(one.code, { ...one, target: "https://elsewhere.test/", version: 2 });
    shortener.present.set(other.code, { ...other, state: "archived" });
    await demo(shortener.parts(), ["a.test", "b.test"], 10);
    expect(shortener.text).toContain("10 followed");
  });

  test("a link that leads elsewhere ends it", async () => {
    const shortener = new Shortener();
    const parts = shortener.parts();
    const wrong = { ok: true, value: { to: "https://wrong.test/" } };
    const api = { ...parts.api, follow: { try: async () => wrong } } as unknown as DemoParts["api"];
    const error = await refusal(demo({ ...parts, api }, ["a.test"], 1));
    expect(error?.message).toBe("http://go.test/code-0 gave https://wrong.test/ instead of https://a.test/");
    expect(error?.exit).toBe(exits.software);
  });

  test("where nothing answers it says how to start", async () => {
    const shortener = new Shortener();
    shortener.up = false;
    const error = await refusal(demo(shortener.parts(), domains, 10));
    expect(error?.message).toContain("npm start");
    expect(error?.exit).toBe(exits.unavailable);
  });
});
