import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";
import { request as askSecurely } from "node:https";
import { Readable } from "node:stream";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { LogFacts } from "../../model/log.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { testClock } from "../../testing/test-clock.ts";
import { type CertificatePair, makeAuthority, makeCertificate } from "../tls/local-authority.ts";
import { exchange, get, headerOf, openRig, type Rig } from "./front-rig.contract.ts";
import type { FrontOptions } from "./port.ts";

let authority: CertificatePair;
let ours: CertificatePair;
let other: CertificatePair;
beforeAll(async () => {
  authority = await makeAuthority("test", Date.now());
  ours = await makeCertificate(authority, ["localhost", "links.localhost", "*.links.localhost"], Date.now());
  other = await makeCertificate(authority, ["other.example"], Date.now());
});

const secureRig = (options: Partial<FrontOptions> = {}): Promise<Rig> =>
  openRig({ tls: { certificates: [ours, other] }, ...options }, { kind: "secure" });

function session(port: number, authorityName = "links.localhost"): ClientHttp2Session {
  const made = connect(`https://${authorityName}`, {
    createConnection: () =>
      connectTls({ port, host: "127.0.0.1", servername: authorityName, ca: authority.cert, ALPNProtocols: ["h2"] }),
  });
  made.on("error", () => undefined);
  onTestFinished(() => void made.destroy());
  return made;
}

interface Answered {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function answerTo(stream: ClientHttp2Stream): Promise<Answered> {
  const [headers] = await once(stream, "response");
  let body = "";
  for await (const chunk of stream) body += chunk;
  return { headers, body };
}

const ask = (port: number, headers: Record<string, string> = {}): Promise<Answered> =>
  answerTo(session(port).request({ ":path": "/", ...headers }));

async function shown(port: number, servername: string | undefined, more: ConnectionOptions = {}): Promise<string> {
  const socket = connectTls({
    ...{ port, host: "127.0.0.1", ca: authority.cert, rejectUnauthorized: false },
    ...(servername === undefined ? {} : { servername }),
    ...more,
  });
  await once(socket, "secureConnect");
  const names = socket.getPeerCertificate().subjectaltname ?? "";
  socket.destroy();
  return names;
}

describe("TLS", () => {
  it("serves HTTP/1.1 and HTTP/2 on one port, and tells the origin that it was asked by https", async () => {
    const { hop, port } = await secureRig();
    expect(await ask(port)).toMatchObject({ headers: { ":status": 200 }, body: "hello" });
    const request = askSecurely({ port, host: "127.0.0.1", servername: "localhost", ca: authority.cert });
    request.end();
    const [response] = await once(request, "response");
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, "end");
    expect(hop.seen.map(({ scheme }) => scheme)).toEqual(["https", "https"]);
    expect(hop.seen.map((seen) => headerOf(seen, "x-forwarded-proto"))).toEqual(["https", "https"]);
    expect(hop.seen.map((seen) => headerOf(seen, "via")?.split(" ")[0])).toEqual(["2", "1.1"]);
  });

  it("shows the certificate of the name that is asked for, and the first where none has it", async () => {
    const { port } = await secureRig();
    expect(await shown(port, "links.localhost")).toContain("DNS:links.localhost");
    expect(await shown(port, "go.links.localhost")).toContain("DNS:links.localhost");
    expect(await shown(port, "OTHER.example")).toContain("DNS:other.example");
    expect(await shown(port, "stranger.example")).toContain("DNS:links.localhost");
    expect(await shown(port, undefined)).toContain("DNS:links.localhost");
  });

  it("shows new certificates after a swap; a broken one changes nothing", async () => {
    const { port, front } = await secureRig();
    expect(() => front.swapCertificates([{ cert: other.cert, key: ours.key }])).toThrow("A certificate cannot be used");
    expect(() => front.swapCertificates([{ cert: "junk", key: "junk" }])).toThrow("A certificate cannot be used");
    expect(await shown(port, "links.localhost")).toContain("DNS:links.localhost");
    front.swapCertificates([other]);
    expect(await shown(port, "links.localhost")).toContain("DNS:other.example");
    expect(await shown(port, undefined)).toContain("DNS:other.example");
    expect(front.figures().certificates).toMatchObject([{ names: ["other.example"] }]);
  });

  it("refuses versions before 1.2", async () => {
    const { port } = await secureRig();
    const old = { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "ALL@SECLEVEL=0" } as const;
    await expect(shown(port, "localhost", old)).rejects.toThrow();
    expect(await shown(port, "localhost", { maxVersion: "TLSv1.2" })).toContain("localhost");
  });

  it("is not there without a certificate", async () => {
    await expect(openRig({}, { kind: "secure" })).rejects.toMatchObject({ code: "broken-certificate" });
    await expect(openRig({ tls: { certificates: [] } })).rejects.toMatchObject({ code: "broken-certificate" });
  });

  it("survives who speaks no TLS, and who breaks off", async () => {
    const { port } = await secureRig();
    expect(await exchange(port, get("/"))).not.toContain("hello");
    expect(await ask(port)).toMatchObject({ body: "hello" });
  });

  it.each([
    ["has expired", -1, "error", "a certificate has expired: clients refuse it"],
    ["expires soon", 3, "warn", "a certificate expires soon"],
  ] as const)("says of a certificate that it %s", async (_, days, level, says) => {
    const clock = testClock(Date.now() + (397 - days) * 86_400_000);
    const told: [string, LogFacts | undefined][] = [];
    const log = { ...silentLog, [level]: (text: string, facts?: LogFacts) => void told.push([text, facts]) };
    await secureRig({ clock, log, tls: { certificates: [ours] } });
    expect(told).toMatchObject([[says, { names: ["localhost", "links.localhost", "*.links.localhost"] }]]);
  });

  it("is asked for by HSTS only where that is wanted, and an origin's own holds", async () => {
    const without = await secureRig();
    expect((await ask(without.port)).headers["strict-transport-security"]).toBeUndefined();
    const { hop, port } = await secureRig({ tls: { certificates: [ours], hstsSeconds: 600 } });
    expect((await ask(port)).headers["strict-transport-security"]).toBe("max-age=600");
    hop.script = (_, sink) => sink.whole(200, ["strict-transport-security", "max-age=1"], "");
    expect((await ask(port)).headers["strict-transport-security"]).toBe("max-age=1");
  });
});

describe("a port that only redirects", () => {
  it("sends everyone to https, with method and address kept", async () => {
    const { hop, port } = await openRig({}, { kind: "redirect", securePort: 3_443 });
    const text = await exchange(port, get("/a?b=c").replace("Host: a", "Host: links.localhost:3000"));
    expect(text).toMatch(/^HTTP\/1\.1 308 [\s\S]*location: https:\/\/links\.localhost:3443\/a\?b=c\r\n/);
    const usual = await openRig({}, { kind: "redirect" });
    expect(await exchange(usual.port, get("/"))).toContain("location: https://a/\r\n");
    expect(hop.seen).toEqual([]);
  });

  it("refuses what is malformed, and has no answer to who names no host", async () => {
    const { port } = await openRig({}, { kind: "redirect" });
    expect(await exchange(port, get("/", "Host: b"))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await exchange(port, "GET / HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("answers what the gateway itself knows", async () => {
    const { port } = await openRig(
      { wellKnown: (_, target) => (target === "/known" ? "yes" : undefined) },
      { kind: "redirect" },
    );
    expect(await exchange(port, get("/known"))).toMatch(/^HTTP\/1\.1 200 [\s\S]*yes$/);
  });
});

describe("HTTP/2", () => {
  it("passes on headers and a body as HTTP/1.1 would have them", async () => {
    const { hop, port } = await secureRig();
    hop.script = ({ body }, sink) => {
      sink.head(200, ["x-one", "1", "x-one", "2"]);
      if (body && "on" in body) body.on("data", (chunk) => sink.data(chunk)).on("end", () => sink.end(["x-sum", "3"]));
    };
    const stream = session(port).request({
      ":method": "POST",
      ":path": "/x?y",
      cookie: ["a=1", "b=2"],
      te: "trailers",
    });
    const trailers = once(stream, "trailers");
    stream.end("abc");
    expect(await answerTo(stream)).toMatchObject({ headers: { ":status": 200, "x-one": "1, 2" }, body: "abc" });
    expect((await trailers)[0]).toMatchObject({ "x-sum": "3" });
    const [request] = hop.seen;
    expect(request).toMatchObject({ method: "POST", target: "/x?y", authority: "links.localhost:443" });
    expect(request && headerOf(request, "cookie")).toBe("a=1; b=2");
    expect(request && headerOf(request, "host")).toBe("links.localhost:443");
    expect(request?.headers.some((text) => text.startsWith(":"))).toBe(false);
  });

  it("has interim answers, HEAD and answers without a body", async () => {
    const { hop, port } = await secureRig();
    hop.script = (_, sink) => {
      sink.interim(103, ["link", "</a.css>; rel=preload"]);
      sink.head(200, ["content-length", "5"]);
      sink.data(Buffer.from("hello"));
      sink.end();
    };
    const stream = session(port).request({ ":path": "/", ":method": "HEAD" });
    const interim = once(stream, "headers");
    expect(await answerTo(stream)).toMatchObject({ headers: { "content-length": "5" }, body: "" });
    expect((await interim)[0]).toMatchObject({ ":status": 103, link: "</a.css>; rel=preload" });
    hop.script = (_, sink) => sink.whole(304, ["etag", '"a"'], "");
    expect(await ask(port)).toMatchObject({ headers: { ":status": 304 }, body: "" });
  });

  it("resets a stream whose answer broke off, and serves the next on the same connection", async () => {
    const { hop, port } = await secureRig();
    hop.script = (_, sink) => {
      sink.head(200, []);
      sink.data(Buffer.from("one"));
      setImmediate(() => sink.fail({ reason: "reset", says: "" }));
    };
    const made = session(port);
    await expect(answerTo(made.request({ ":path": "/" }))).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
    hop.script = (_, sink) => sink.whole(200, [], "next");
    expect(await answerTo(made.request({ ":path": "/" }))).toMatchObject({ body: "next" });
  });

  it("aborts what was begun for a stream that the client cancels", async () => {
    const { hop, port, front } = await secureRig();
    const stream = session(port).request({ ":path": "/" });
    stream.on("error", () => undefined);
    hop.script = () => setImmediate(() => stream.close(8));
    await hop.untilAborted();
    expect(front.figures().pending).toBe(0);
  });

  it.each([
    ["cancels", (stream: ClientHttp2Stream) => stream.close(8)],
    ["breaks off its connection", ({ session: own }: ClientHttp2Stream) => own?.destroy()],
  ])("notices at once that a client %s while nobody takes what it sends", async (_, leave) => {
    const { hop, port } = await secureRig();
    const begun = new Promise<Readable>((resolve) => {
      hop.script = ({ body }) => {
        if (!(body instanceof Readable)) throw new TypeError("A body comes piece by piece");
        body.once("readable", () => resolve(body));
      };
    });
    const aborted = hop.untilAborted();
    const stream = session(port).request({ ":path": "/", ":method": "POST" });
    stream.on("error", () => undefined);
    stream.write(Buffer.alloc(500_000, "x"));
    const body = await begun;
    await expect.poll(() => body.readableLength).toBeGreaterThanOrEqual(16_384);
    leave(stream);
    await aborted;
    expect(hop.aborted).toBe(1);
  });

  it("refuses a body that is too long, by its length or as it comes", async () => {
    const { hop, port } = await secureRig();
    const announced = session(port).request({ ":method": "POST", ":path": "/", "content-length": 2_000_000 });
    announced.on("error", () => undefined);
    expect((await once(announced, "response"))[0]).toMatchObject({ ":status": 413 });
    expect(hop.seen).toEqual([]);
    hop.script = ({ body }) => {
      if (body && "on" in body) body.on("data", () => undefined);
    };
    const streamed = session(port).request({ ":method": "POST", ":path": "/" });
    streamed.on("error", () => undefined);
    streamed.write(Buffer.alloc(1_100_000));
    expect((await once(streamed, "response"))[0]).toMatchObject({ ":status": 413 });
    expect(hop.aborted).toBe(1);
  });

  it("refuses two hosts, and addresses that are none; what the frames' grammar forbids is reset", async () => {
    const { hop, port } = await secureRig();
    const told = (headers: Record<string, string>): Promise<unknown> =>
      ask(port, headers).then(
        (answer) => answer.headers[":status"],
        (error: Error) => /NGHTTP2_\w+/.exec(error.message)?.[0],
      );
    expect(await told({ ":authority": "links.localhost", host: "evil.example" })).toBe(400);
    expect(await told({ ":authority": "links.localhost:999999" })).toBe(400);
    expect(await told({ ":path": "x" })).toBe("NGHTTP2_PROTOCOL_ERROR");
    expect(await told({ ":path": "*" })).toBe("NGHTTP2_PROTOCOL_ERROR");
    expect(hop.seen).toEqual([]);
  });

  it("tells who asks for a host on a connection made for another that it is misdirected", async () => {
    const { hop, port } = await secureRig();
    hop.script = (_, sink) => sink.fail({ reason: "unknown-host", says: "" });
    expect((await ask(port)).headers[":status"]).toBe(404);
    expect((await ask(port, { ":authority": "other.localhost" })).headers[":status"]).toBe(421);
  });

  it("switches protocols by extended CONNECT, which the origin sees as HTTP/1.1 has it", async () => {
    const { hop, port } = await secureRig();
    hop.upgradeScript = (_, sink) => {
      const client = sink.switched([
        "upgrade",
        "websocket",
        "sec-websocket-accept",
        "x",
        "sec-websocket-protocol",
        "chat",
      ]);
      client.on("data", (chunk) => client.write(`echo ${chunk}`));
    };
    const made = session(port);
    await once(made, "remoteSettings");
    const stream = made.request({ ":method": "CONNECT", ":protocol": "websocket", ":path": "/chat" });
    const [headers] = await once(stream, "response");
    expect(headers).toMatchObject({ ":status": 200, "sec-websocket-protocol": "chat" });
    expect(headers).not.toHaveProperty("upgrade");
    stream.write("hi");
    expect(String((await once(stream, "data"))[0])).toBe("echo hi");
    const [request] = hop.seen;
    expect(request).toMatchObject({ method: "GET", target: "/chat" });
    expect(request && headerOf(request, "upgrade")).toBe("websocket");
    expect(Buffer.from((request && headerOf(request, "sec-websocket-key")) ?? "", "base64")).toHaveLength(16);
    stream.close();
  });

  it("refuses to be a tunnel", async () => {
    const { hop, port } = await secureRig();
    const stream = session(port).request({ ":method": "CONNECT", ":authority": "links.localhost:443" });
    stream.on("error", () => undefined);
    expect((await once(stream, "response"))[0]).toMatchObject({ ":status": 400 });
    expect(hop.seen).toEqual([]);
  });

  it("drains: a client is told to go, what it asked is answered, and the connection ends", async () => {
    const clock = testClock();
    const { hop, port, front } = await secureRig({ clock });
    const made = session(port);
    const goaway = once(made, "goaway");
    const closed = once(made, "close");
    hop.script = (_, sink) => void setImmediate(() => sink.whole(200, [], "last"));
    const answer = answerTo(made.request({ ":path": "/" }));
    await new Promise((resolve) => {
      const { script } = hop;
      hop.script = (request, sink) => {
        script(request, sink);
        resolve(undefined);
      };
    });
    const drained = front.drain({ windowMs: 100, hardMs: 5_000 });
    await goaway;
    expect(await answer).toMatchObject({ body: "last" });
    await clock.advance(200);
    await closed;
    await clock.advance(200);
    expect(await drained).toBe(0);
  });
});
