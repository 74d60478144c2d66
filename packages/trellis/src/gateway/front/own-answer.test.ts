import { describe, expect, it } from "vitest";
import type { UpstreamFailure } from "../exchange.ts";
import { exchange, get, openRig } from "./front-rig.contract.ts";

const secret = "10.0.0.7:5432 refused: /srv/app/secret.sock";

describe("a failure behind the gateway is told", () => {
  const told: readonly (readonly [UpstreamFailure["reason"], number, string])[] = [
    ["connect", 502, "no-answer"],
    ["unsent", 502, "no-answer"],
    ["reset", 502, "no-answer"],
    ["invalid-answer", 502, "no-answer"],
    ["too-large", 502, "no-answer"],
    ["timeout", 504, "deadline-exceeded"],
    ["no-instance", 503, "unavailable"],
    ["overloaded", 503, "unavailable"],
    ["circuit-open", 503, "unavailable"],
    ["unknown-host", 404, "unknown-host"],
    ["rate-limited", 429, "rate-limited"],
    ["body-failed", 400, "malformed-request"],
  ];

  it.each(told)("%s as %i %s, as a problem that says nothing of what stands there", async (reason, status, code) => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => sink.fail({ reason, says: secret });
    const text = await exchange(port, get("/", "X-Request-Id: mine"));
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain("content-type: application/problem+json; charset=utf-8\r\n");
    expect(text).toContain("cache-control: no-store\r\n");
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n")))).toMatchObject({ status, code, requestId: "mine" });
    expect(text).not.toContain("10.0.0.7");
    expect(/retry-after: \d+/.test(text)).toBe(status === 503 || status === 429);
  });

  it("with the time after which to ask again, and the headers that a hop gives", async () => {
    const { hop, port } = await openRig();
    const headers = ["ratelimit", '"client";r=0;t=3'];
    hop.script = (_, sink) => sink.fail({ reason: "rate-limited", says: "", retryAfterMs: 2_100, headers });
    const text = await exchange(port, get("/"));
    expect(text).toContain("retry-after: 3\r\n");
    expect(text).toContain('ratelimit: "client";r=0;t=3\r\n');
  });
});

describe("a browser", () => {
  const browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

  it("gets a page that brings all it needs and runs nothing", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => sink.fail({ reason: "no-instance", says: secret });
    const text = await exchange(port, get("/", browser));
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toContain("content-type: text/html; charset=utf-8\r\n");
    expect(text).toMatch(/content-security-policy: default-src 'none'; style-src 'sha256-[\w+/=]{44}'/);
    expect(text).toContain("<h1>Not available for the moment</h1>");
    expect(text).toContain("color-scheme:light dark");
    expect(text).not.toMatch(/<script|https?:\/\/|10\.0\.0\.7/);
  });

  it.each([
    [700, "in a second"],
    [42_000, "in 42 seconds"],
    [600_000, "in 10 minutes"],
    [7_200_000, "in 2 hours"],
  ])("reads when to try again after %i ms in words, not in the name of a header", async (retryAfterMs, words) => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => sink.fail({ reason: "rate-limited", says: "", retryAfterMs });
    const text = await exchange(port, get("/", browser));
    expect(text).toContain(`Try again ${words}.</p>`);
  });

  it("can try again with one click what may pass, and nothing else", async () => {
    const { hop, port } = await openRig();
    const link = '<a href="">Try again</a>';
    hop.script = (_, sink) => sink.fail({ reason: "timeout", says: "" });
    expect(await exchange(port, get("/", browser))).toContain(link);
    hop.script = (_, sink) => sink.fail({ reason: "unknown-host", says: "" });
    expect(await exchange(port, get("/", browser))).not.toContain(link);
  });

  it("is told of maintenance in the owner's words, as text", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => sink.fail({ reason: "maintenance", says: "Back at <b>ten</b>" });
    const text = await exchange(port, get("/", browser));
    expect(text).toContain("<p>Back at &lt;b&gt;ten&lt;/b&gt;</p>");
    expect(JSON.parse((await exchange(port, get("/"))).split("\r\n\r\n")[1] ?? "")).toMatchObject({
      code: "maintenance",
      detail: "Back at <b>ten</b>",
    });
  });
});

it("what the gateway itself knows is asked before anyone", async () => {
  const { hop, port } = await openRig({
    wellKnown: (authority, target) => (target === "/.well-known/acme-challenge/x" ? `of ${authority}` : undefined),
  });
  expect(await exchange(port, get("/.well-known/acme-challenge/x"))).toMatch(/ 200 [\s\S]*of a$/);
  expect(hop.seen).toEqual([]);
  expect(await exchange(port, get("/.well-known/other"))).toMatch(/hello$/);
});
