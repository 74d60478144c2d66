import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { figureOf, testMetrics } from "../../telemetry/test-metrics.contract.ts";
import { exchange, get, openRig, RawConnection } from "./front-rig.contract.ts";

describe("a port", () => {
  it("that is in use is refused by name", async () => {
    const { port } = await openRig();
    await expect(openRig({}, { port })).rejects.toMatchObject({
      code: "port-in-use",
      message: `Port ${port} is in use`,
    });
  });

  it.runIf(process.platform === "linux")("is shared by fronts that say so", async () => {
    const first = await openRig({}, { reusePort: true });
    const second = await openRig({}, { reusePort: true, port: first.port });
    const asked = (): readonly number[] => [first.hop.seen.length, second.hop.seen.length];
    for (let count = 0; count < 200 && asked().includes(0); count += 1) await exchange(first.port, get("/"));
    expect(asked()).not.toContain(0);
    await first.front.close();
    // A process that another test is just starting may hold the first one's listener for a moment: it was forked of this one.
    await expect.poll(() => exchange(first.port, get("/")), { interval: 5 }).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("takes no more connections than it may", async () => {
    const metrics = testMetrics();
    const settings = { bodyBytesMax: 1, headersBytesMax: 1_024, requestTimeoutMs: 1_000, trustedProxies: "none" };
    const { front, port } = await openRig({ metrics, settings: { ...settings, connectionsMax: 2 } });
    const kept = [new RawConnection(port), new RawConnection(port)];
    for (const connection of kept) {
      connection.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await connection.until("hello");
    }
    expect(front.figures().connections).toBe(2);
    const third = connect(port, "127.0.0.1");
    third.on("error", () => undefined);
    await new Promise((resolve) => third.once("close", resolve));
    expect(figureOf(await metrics.look(), "trellis_gateway_connections_refused_total")).toBe(1);
    kept[0]?.socket.destroy();
    await kept[0]?.closed;
    await expect.poll(() => exchange(port, get("/")), { interval: 5 }).toMatch(/^HTTP\/1\.1 200 /);
  });
});

it("figures tell how clients were answered", async () => {
  const metrics = testMetrics();
  const { front, hop, port } = await openRig({ metrics });
  await exchange(port, get("/"));
  hop.script = (_, sink) => sink.fail({ reason: "reset", says: "" });
  await exchange(port, get("/"));
  await exchange(port, "junk\r\n\r\n");
  hop.script = (_, sink) => {
    sink.head(200, ["content-length", "9"]);
    sink.end();
  };
  await exchange(port, get("/"));
  const families = await metrics.look();
  const answers = (status: string): number | undefined =>
    figureOf(families, "trellis_gateway_answers_total", { status });
  expect([answers("2xx"), answers("4xx"), answers("5xx")]).toEqual([2, 0, 1]);
  expect(figureOf(families, "trellis_gateway_refused_total")).toBe(1);
  expect(figureOf(families, "trellis_gateway_broken_answers_total")).toBe(1);
  expect(front.figures()).toMatchObject({ requests: 3, failures: 1, pending: 0 });
});
