import { describe, expect, it } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { testRandom } from "../../testing/test-random.ts";
import { headerOf } from "./front-rig.contract.ts";
import type { Incoming } from "./incoming.ts";
import { RequestReader } from "./request-reader.ts";

const startMs = Date.UTC(2026, 0, 1);

function readerOf(trustedProxies = "none", tracesMade = false): RequestReader {
  return new RequestReader({
    clock: testClock(startMs),
    random: testRandom(1),
    trustedProxies,
    requestTimeoutMs: 30_000,
    bodyBytesMax: 100,
    tracesMade,
  });
}

interface Asking {
  readonly peer?: string;
  readonly trusted?: string;
  readonly scheme?: "http" | "https";
  readonly tracesMade?: boolean;
}

function read(headers: readonly string[], asking: Asking = {}): Incoming {
  const { peer = "203.0.113.9", trusted, scheme = "http", tracesMade } = asking;
  return readerOf(trusted, tracesMade).read("GET", "/x?y=1", "1.1", ["Host", "A:80", ...headers], {
    address: peer,
    scheme,
  });
}

const named = (incoming: Incoming, name: string): string | undefined => headerOf(incoming, name);

describe("headers of one connection", () => {
  it("are not passed on: those that HTTP knows", () => {
    const incoming = read([
      ...["Connection", "keep-alive", "Keep-Alive", "timeout=5", "Proxy-Connection", "keep-alive", "TE", "trailers"],
      ...["Trailer", "X-Sum", "Proxy-Authorization", "Basic x", "Upgrade", "h2c", "HTTP2-Settings", "x", "X-Kept", "1"],
    ]);
    const names = incoming.headers.filter((_, index) => index % 2 === 0);
    expect(names).toEqual([
      ...["host", "x-kept", "x-request-id"],
      ...["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via"],
    ]);
  });

  it("are not passed on: those that `connection` names, wherever they stand", () => {
    const incoming = read(["X-One", "1", "Connection", "close, X-One , x-TWO", "X-Two", "2", "X-Three", "3"]);
    expect(named(incoming, "x-one")).toBeUndefined();
    expect(named(incoming, "x-two")).toBeUndefined();
    expect(named(incoming, "x-three")).toBe("3");
  });

  it("cannot take away what the gateway itself says, nor the host", () => {
    const incoming = read(["Connection", "host, x-forwarded-for, x-request-id, via"]);
    for (const name of ["host", "x-forwarded-for", "x-request-id", "via"]) expect(named(incoming, name)).toBeDefined();
  });
});

describe("where a request comes from", () => {
  const lies = [
    ...[
      "X-Forwarded-For",
      "10.0.0.1",
      "X-Forwarded-Host",
      "evil",
      "X-Forwarded-Proto",
      "https",
      "X-Real-IP",
      "10.0.0.1",
    ],
    ...["Forwarded", "for=10.0.0.1", "X-Forwarded-Port", "1", "X-Forwarded-Prefix", "/admin"],
  ];

  it("is never what a stranger says", () => {
    const incoming = read(lies);
    expect(incoming.clientAddress).toBe("203.0.113.9");
    expect(named(incoming, "x-forwarded-for")).toBe("203.0.113.9");
    expect(named(incoming, "x-forwarded-host")).toBe("a:80");
    expect(named(incoming, "x-forwarded-proto")).toBe("http");
    for (const name of ["forwarded", "x-real-ip", "x-forwarded-port", "x-forwarded-prefix"])
      expect(named(incoming, name), name).toBeUndefined();
  });

  it("is what a trusted proxy says, and the way is made longer by it", () => {
    const incoming = read(["X-Forwarded-For", "1.1.1.1", ...lies.slice(2)], {
      peer: "10.0.0.7",
      trusted: "10.0.0.0/8",
      scheme: "http",
    });
    expect(incoming.clientAddress).toBe("1.1.1.1");
    expect(named(incoming, "x-forwarded-for")).toBe("1.1.1.1, 10.0.0.7");
    expect(named(incoming, "x-forwarded-host")).toBe("evil");
    expect(named(incoming, "x-forwarded-proto")).toBe("https");
    expect(named(incoming, "forwarded")).toBe('for=10.0.0.1, for=10.0.0.7;host="a:80";proto=http');
    expect(named(incoming, "x-forwarded-prefix")).toBe("/admin");
  });

  it("is one list, though it came in several headers", () => {
    const headers = ["X-Forwarded-For", "1.1.1.1", "x-forwarded-for", "2.2.2.2"];
    const incoming = read(headers, { peer: "127.0.0.1", trusted: "loopback" });
    expect(named(incoming, "x-forwarded-for")).toBe("1.1.1.1, 2.2.2.2, 127.0.0.1");
    expect(incoming.clientAddress).toBe("2.2.2.2");
  });

  it("tells the origin how the client is connected", () => {
    expect(named(read([], { scheme: "https" }), "x-forwarded-proto")).toBe("https");
  });
});

describe("the ids of a request", () => {
  it("are the client's own where they are sane, and made otherwise", () => {
    expect(read(["X-Request-Id", "mine-1"]).requestId).toBe("mine-1");
    for (const insane of ["", "a b", "x".repeat(200), "\x7f"])
      expect(read(["X-Request-Id", insane]).requestId, insane).toMatch(/^[0-9a-f]{12}-1$/);
  });

  it("are in the header once", () => {
    const { headers } = read(["X-Request-Id", "mine-1", "X-Request-Id", "mine-2"]);
    expect(headers.filter((text) => text === "x-request-id")).toHaveLength(1);
  });

  it("are a trace, passed on as it came, and made only where that is asked for", () => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(named(read(["Traceparent", trace]), "traceparent")).toBe(trace);
    expect(named(read([]), "traceparent")).toBeUndefined();
    expect(named(read([], { tracesMade: true }), "traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(named(read(["Traceparent", "junk"], { tracesMade: true }), "traceparent")).toMatch(/^00-/);
    expect(named(read(["Traceparent", trace], { tracesMade: true }), "traceparent")).toBe(trace);
  });
});

describe("the time that a request has", () => {
  it("is what the client still has, and no more than the gateway gives", () => {
    expect(read([]).deadlineMs).toBe(startMs + 30_000);
    expect(read(["X-Request-Timeout-Ms", "250"]).deadlineMs).toBe(startMs + 250);
    for (const long of ["90000000", "-5", "1e3", "soon", ""])
      expect(read(["X-Request-Timeout-Ms", long]).deadlineMs, long).toBe(startMs + 30_000);
  });

  it("is not passed on as the client said it", () => {
    expect(named(read(["X-Request-Timeout-Ms", "250"]), "x-request-timeout-ms")).toBeUndefined();
  });
});

it("sees a request again that it has sent itself, and no other gateway's", () => {
  const reader = readerOf();
  const peer = { address: "127.0.0.1", scheme: "http" } as const;
  const first = reader.read("GET", "/", "1.1", ["Host", "a"], peer);
  const via = named(first, "via") ?? "";
  expect(via).toMatch(/^1\.1 trellis-[0-9a-f]{8}$/);
  const again = reader.read("GET", "/", "1.1", ["Host", "a", "Via", `1.1 other, ${via}`], peer);
  expect(reader.refusalOf(again)?.code).toBe("request-loop");
  const others = reader.read("GET", "/", "2", ["Host", "a", "Via", "1.0 fred"], peer);
  expect(reader.refusalOf(others)).toBeUndefined();
  expect(named(others, "via")).toMatch(/^1\.0 fred, 2 trellis-/);
});

it("puts the cookies of HTTP/2 together again", () => {
  expect(named(read(["Cookie", "a=1", "Cookie", "b=2"]), "cookie")).toBe("a=1; b=2");
});

it("keeps a repeated header repeated", () => {
  const { headers } = read(["X-One", "1", "X-One", "2"]);
  expect(headers.slice(2, 6)).toEqual(["x-one", "1", "x-one", "2"]);
});
