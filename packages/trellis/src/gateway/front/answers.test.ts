import { once } from "node:events";
import { request as ask } from "node:http";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import type { AnswerSink } from "../exchange.ts";
import { exchange, get, openRig, RawConnection } from "./front-rig.contract.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const bodyOf = (text: string): string => text.slice(text.indexOf("\r\n\r\n") + 4);

describe("an answer", () => {
  it("comes with its headers, the request's id and how long it took", async () => {
    const { hop, port } = await openRig();
    hop.script = ({ facts }, sink) => {
      facts.upstreamMs = 1.23456;
      sink.whole(201, ["x-one", "1", "x-one", "2", "x-request-id", "the origin's"], "made");
    };
    const text = await exchange(port, get("/", "X-Request-Id: mine"));
    expect(text).toMatch(/^HTTP\/1\.1 201 Created\r\nx-one: 1\r\nx-one: 2\r\n/);
    expect(text).toContain("x-request-id: mine\r\n");
    expect(text).not.toContain("the origin's");
    expect(text).toContain("server-timing: upstream;dur=1.235\r\n");
    expect(text).toMatch(/\r\nDate: /);
    expect(bodyOf(text)).toBe("made");
  });

  it.each([
    ["hit; ttl=3", undefined, "edge;desc=hit"],
    ["fwd=miss; stored", 2, "edge;desc=miss, upstream;dur=2"],
  ])("says of the edge cache what it did: %s", async (cache, upstreamMs, timing) => {
    const { hop, port } = await openRig();
    hop.script = ({ facts }, sink) => {
      facts.cache = cache;
      facts.upstreamMs = upstreamMs;
      sink.whole(200, [], "");
    };
    expect(await exchange(port, get("/"))).toContain(`server-timing: ${timing}\r\n`);
  });

  it("leaves out what belongs to the origin's connection", async () => {
    const { hop, port } = await openRig();
    const theirs = ["connection", "x-secret", "keep-alive", "timeout=1", "transfer-encoding", "gzip", "upgrade", "h2c"];
    hop.script = (_, sink) => sink.whole(200, [...theirs, "trailer", "x"], "hello");
    const text = await exchange(port, get("/"));
    expect(text).not.toMatch(/x-secret|timeout=1|gzip|h2c|trailer/i);
    expect(bodyOf(text)).toBe("hello");
  });

  it.each([
    ["text", "hello"],
    ["text that is not ASCII", "grüße"],
    ["bytes", Buffer.from("hello")],
    ["much text", "é".repeat(20_000)],
  ])("RFC 9110 §5.5: has the bytes of its headers as they came, before %s", async (_, body) => {
    const { hop, port } = await openRig();
    const asBytes = (text: string) => Buffer.from(text).toString("latin1");
    const length = String(Buffer.byteLength(body));
    hop.script = (_, sink) => sink.whole(200, ["x-name", asBytes("Zoë"), "content-length", length], body);
    const text = await exchange(port, get("/"));
    expect(text).toContain(`\r\nx-name: ${asBytes("Zoë")}\r\n`);
    expect(bodyOf(text)).toBe(Buffer.from(body).toString("latin1"));
  });

  it("in pieces is chunked, with what comes behind it", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => {
      sink.head(200, []);
      sink.data(Buffer.from("one"));
      sink.data(Buffer.from("two"));
      sink.end(["x-sum", "6"]);
    };
    const text = await exchange(port, get("/"));
    expect(bodyOf(text)).toBe("3\r\none\r\n3\r\ntwo\r\n0\r\nx-sum: 6\r\n\r\n");
  });

  it("to HTTP/1.0 is ended by the connection's end", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => {
      sink.interim(103, ["link", "</a.css>; rel=preload"]);
      sink.head(200, []);
      sink.data(Buffer.from("one"));
      sink.end();
    };
    const text = await exchange(port, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    expect(text).not.toMatch(/ 103 |chunked/);
    expect(bodyOf(text)).toBe("one");
  });

  it("to HEAD has no body, and the length that it would have", async () => {
    const { hop, port } = await openRig();
    const asHead = "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    hop.script = (_, sink) => {
      sink.head(200, ["content-length", "5"]);
      sink.end();
    };
    const text = await exchange(port, asHead);
    expect(text).toContain("content-length: 5\r\n");
    expect(bodyOf(text)).toBe("");
    hop.script = (_, sink) => sink.fail({ reason: "reset", says: "gone" });
    const failure = await exchange(port, asHead);
    expect(failure).toMatch(/^HTTP\/1\.1 502 [\s\S]*content-length: [1-9]/);
    expect(bodyOf(failure)).toBe("");
  });

  it.each([204, 304])("%i has no body, whatever the origin sends", async (status) => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => {
      sink.head(status, status === 204 ? ["content-length", "5"] : ["etag", '"a"']);
      sink.data(Buffer.from("hello"));
      sink.end();
    };
    const text = await exchange(port, get("/"));
    expect(text).not.toMatch(/content-length|transfer-encoding/);
    expect(bodyOf(text)).toBe("");
  });

  it("is preceded by interim ones, as often as they come", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => {
      sink.interim(102, []);
      sink.interim(103, ["link", "</a.css>; rel=preload", "link", "</b.js>; rel=preload"]);
      sink.interim(100, []);
      sink.interim(101, []);
      sink.whole(200, [], "hello");
      sink.interim(103, []);
    };
    const text = await exchange(port, get("/"));
    expect(text).toMatch(
      /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 103 Early Hints\r\nlink: <\/a.css>; rel=preload\r\nlink: <\/b.js>; rel=preload\r\n\r\nHTTP\/1\.1 200 /,
    );
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(3);
  });

  it("is told once, whatever a hop tells after it", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => {
      sink.whole(200, [], "first");
      sink.whole(200, [], "second");
      sink.head(500, []);
      sink.data(Buffer.from("third"));
      sink.end();
      sink.fail({ reason: "reset", says: "late" });
    };
    const client = new RawConnection(port);
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.until("first")).toContain(" 200 ");
    hop.script = (_, sink) => sink.whole(200, [], "next");
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await client.until("next")).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("that begins slowly shows its head at once, and may last longer than any deadline", async () => {
    const clock = testClock();
    const { hop, port } = await openRig({ clock });
    let sink: AnswerSink | undefined;
    hop.script = (_, given) => {
      sink = given;
      given.head(200, ["content-type", "text/event-stream"]);
    };
    const client = new RawConnection(port);
    client.write(get("/"));
    await client.until("\r\n\r\n");
    await clock.advance(3_600_000);
    sink?.data(Buffer.from("data: 1\n\n"));
    await client.until("data: 1\n\n");
    sink?.end();
    await client.closed;
  });
});

describe("an answer that is not whole is never passed off as one:", () => {
  const broken: readonly (readonly [string, (sink: AnswerSink) => void])[] = [
    ["the origin breaks off", (sink) => sink.fail({ reason: "reset", says: "gone" })],
    ["it is shorter than it said", (sink) => sink.end()],
    ["it is longer than it said", (sink) => void sink.data(Buffer.from("xxxxxxxxxxHTTP/1.1 200 OK\r\n\r\n"))],
  ];

  it.each(broken)("%s", async (_, breakOff) => {
    const { hop, port } = await openRig();
    hop.script = (_request, sink) => {
      sink.head(200, ["content-length", "10"]);
      sink.data(Buffer.from("one"));
      setImmediate(() => breakOff(sink));
    };
    const client = ask({ port, host: "127.0.0.1" });
    client.on("error", () => undefined);
    client.end();
    const [response] = await once(client, "response");
    await expect(response.toArray()).rejects.toThrow("aborted");
  });

  it("also to HTTP/1.0, which knows only the connection's end", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => {
      sink.head(200, []);
      sink.data(Buffer.from("one"));
      setImmediate(() => sink.fail({ reason: "reset", says: "gone" }));
    };
    const client = new RawConnection(port);
    const error = once(client.socket, "error");
    client.write("GET / HTTP/1.0\r\n\r\n");
    expect((await error)[0]).toMatchObject({ code: "ECONNRESET" });
  });

  it("a head that cannot be written becomes 502", async () => {
    const { hop, port } = await openRig();
    for (const [status, headers] of [
      [200, ["x-one", "a\r\nx-two: b"]],
      [200, ["x one", "a"]],
      [99, []],
      [101, []],
      [1_000, []],
    ] as const) {
      hop.script = (_, sink) => sink.head(status, headers);
      expect(await exchange(port, get("/")), `${status} ${headers}`).toMatch(/^HTTP\/1\.1 502 /);
      hop.script = (_, sink) => sink.whole(status, headers, "x");
      expect(await exchange(port, get("/")), `${status} ${headers}`).toMatch(/^HTTP\/1\.1 502 /);
    }
  });
});

describe("backpressure", () => {
  it("reaches the origin: it rests while the client does not read, and goes on when it does", async () => {
    const { hop, port } = await openRig();
    const chunk = Buffer.alloc(65_536, "x");
    const chunks = 512;
    let sent = 0;
    let more: () => void = () => undefined;
    hop.script = (_, sink) => {
      sink.head(200, []);
      more = () => {
        while (sent < chunks) {
          sent += 1;
          if (!sink.data(chunk)) return;
        }
        sink.end();
      };
      setImmediate(more);
    };
    hop.onResume = () => more();
    const client = ask({ port, host: "127.0.0.1" });
    client.end();
    const [response] = await once(client, "response");
    for (let turn = 0; turn < 500; turn += 1) await nextTurn();
    const sentUnread = sent;
    expect(sentUnread).toBeLessThan(chunks / 2);
    let bytes = 0;
    for await (const piece of response) bytes += piece.length;
    expect(bytes).toBe(chunks * chunk.length);
    expect(hop.resumed).toBeGreaterThan(0);
  });

  it("reaches the client: nothing is read of a body that nobody reads", async () => {
    const { hop, port } = await openRig({ settings: { ...settings, bodyBytesMax: 100_000_000 } });
    const client = ask({ port, host: "127.0.0.1", method: "POST", headers: { "content-length": 50_000_000 } });
    client.on("error", () => undefined);
    const arrived = new Promise<void>((resolve) => {
      hop.script = () => resolve();
    });
    client.write(Buffer.alloc(50_000_000));
    await arrived;
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();
    const body = hop.seen[0]?.body as Readable;
    expect(body.readableLength).toBeLessThan(1_000_000);
    const aborted = hop.untilAborted();
    client.destroy();
    // Who does not read does not see either that there is nobody.
    body.resume().on("error", () => undefined);
    await aborted;
  });
});

const settings = {
  bodyBytesMax: 1_000_000,
  headersBytesMax: 16_384,
  requestTimeoutMs: 30_000,
  connectionsMax: 100,
  trustedProxies: "none",
};

describe("a deadline", () => {
  it("is kept: 504, and what was begun is aborted", async () => {
    const clock = testClock();
    const { hop, port } = await openRig({ clock });
    const asked = new Promise<void>((resolve) => {
      hop.script = () => resolve();
    });
    const text = exchange(port, get("/", "X-Request-Timeout-Ms: 500"));
    await asked;
    await clock.advance(499);
    expect(hop.aborted).toBe(0);
    await clock.advance(200);
    expect(hop.aborted).toBe(1);
    expect(await text).toMatch(/^HTTP\/1\.1 504 [\s\S]*deadline-exceeded/);
  });
});
