import { describe, expect, it } from "vitest";
import { exchange, get, openRig, RawConnection, type Rig } from "./front-rig.contract.ts";

const timeouts = { headMs: 60, requestMs: 120, lookEveryMs: 10 };
const strictRig = (): Promise<Rig> => openRig({ timeouts });

const post = (...lines: string[]): string => `POST /items HTTP/1.1\r\nHost: a\r\n${lines.join("\r\n")}`;
const chunked = (body: string): string => post("Transfer-Encoding: chunked", "", body);

/** Title, request, status: all are refused before anything is forwarded. */
const refused: readonly (readonly [string, string, number])[] = [
  ["without a host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["with two hosts", get("/", "Host: b"), 400],
  ["with two equal hosts", get("/", "Host: a"), 400],
  ["with a host that hides an address", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400],
  ["with a host that has a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400],
  ["with a host that has a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400],
  ["with a port that is none", "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", 400],
  ["with two lengths that differ", post("Content-Length: 1", "Content-Length: 2", "", "ab"), 400],
  ["with two lengths that agree", post("Content-Length: 1", "Content-Length: 1", "", "a"), 400],
  ["with a list of lengths", post("Content-Length: 1, 1", "", "a"), 400],
  ["with a negative length", post("Content-Length: -1", "", "a"), 400],
  ["with a length that has a sign", post("Content-Length: +1", "", "a"), 400],
  ["with a length in hexadecimal", post("Content-Length: 0x1", "", "a"), 400],
  ["with a length that is no number", post("Content-Length: one", "", "a"), 400],
  ["with an empty length", post("Content-Length:", "", ""), 400],
  ["with a length past all numbers", post("Content-Length: 99999999999999999999999", "", "a"), 400],
  ["with a length and chunks", post("Content-Length: 1", "Transfer-Encoding: chunked", "", "0\r\n\r\n"), 400],
  ["with chunks and a length", post("Transfer-Encoding: chunked", "Content-Length: 5", "", "0\r\n\r\n"), 400],
  ["with an empty transfer encoding", post("Transfer-Encoding:", "", ""), 400],
  ["with chunks that are not the last encoding", post("Transfer-Encoding: chunked, gzip", "", "0\r\n\r\n"), 400],
  ["with an unknown transfer encoding", post("Transfer-Encoding: xchunked", "", "0\r\n\r\n"), 501],
  ["with an encoding before the chunks", post("Transfer-Encoding: gzip, chunked", "", "0\r\n\r\n"), 501],
  [
    "with the chunks said twice",
    post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", "", "0\r\n\r\n"),
    400,
  ],
  ["with a transfer encoding in disguise", post("Transfer-Encoding: \x0bchunked", "", "0\r\n\r\n"), 400],
  ["with a transfer encoding whose name has a space", post("Transfer-Encoding : chunked", "", "0\r\n\r\n"), 400],
  ["with a space before a colon", get("/", "X-One : 1"), 400],
  ["with a header without a name", get("/", ": 1"), 400],
  ["with a header without a colon", get("/", "X-One"), 400],
  ["with a folded header", get("/", "X-One: 1", " 2"), 400],
  ["with a fold before the first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400],
  ["with a carriage return in a header", get("/", "X-One: 1\r2"), 400],
  ["with a NUL in a header", get("/", "X-One: \0"), 400],
  ["with a NUL in a name", get("/", "X\0One: 1"), 400],
  ["with a control character in a name", get("/", "X\x01: 1"), 400],
  ["with a non-ASCII name", get("/", "X\xe9: 1"), 400],
  ["with lines that end in LF alone", "GET / HTTP/1.1\nHost: a\n\n", 400],
  ["with a header that ends in LF alone", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", 400],
  ["with a first line that ends in LF alone", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400],
  ["with a first line that ends in CR alone", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400],
  ["for * by a GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["for an address without a slash", "GET items HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["for an address of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["for an address of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["for an address with a space", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["for an address with a NUL", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["without an address", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["of an unknown method", "GETT / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["of a method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["of no version", "GET /\r\nHost: a\r\n\r\n", 400],
  ["of a version that this is not", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400],
  ["of a version that does not exist", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 400],
  ["of another protocol", "GET / SPDY/1.1\r\nHost: a\r\n\r\n", 400],
  ["that is TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400],
  ["that begins with a space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["to make a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501],
  ["to be sent back", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501],
  ["for an address that is too long", get(`/${"x".repeat(9_000)}`), 414],
  ["for an address longer than all headers may be", get(`/${"x".repeat(40_000)}`), 414],
  ["with a header that is too long", get("/", `X-One: ${"x".repeat(20_000)}`), 431],
  ["with too many headers", get("/", ...Array.from({ length: 2_000 }, (_, at) => `X-${at}: 1234`)), 431],
  ["with a body that is too long by its length", post("Content-Length: 1000001", "", ""), 413],
  ["whose head comes too slowly", "GET / HTTP/1.1\r\nHost: a\r\n", 408],
];

describe("a request is refused, and its connection closed,", () => {
  it.each(refused)("%s", async (_, request, status) => {
    const { hop, port } = await strictRig();
    const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    const complete = status !== 408 && status !== 413;
    const text = await exchange(port, complete ? request + smuggled : request);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*connection: close`));
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(hop.seen).toEqual([]);
    expect(await exchange(port, get("/next"))).toMatch(/^HTTP\/1\.1 200 /);
    expect(hop.seen.map(({ target }) => target)).toEqual(["/next"]);
  });
});

/** Bodies that turn out to be wrong when the request has been passed on. */
const brokenBodies: readonly (readonly [string, string, number])[] = [
  ["with a chunk size that is none", chunked("x\r\nabc\r\n0\r\n\r\n"), 400],
  ["with a chunk size that has a sign", chunked("+3\r\nabc\r\n0\r\n\r\n"), 400],
  ["with a chunk size as other languages write it", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400],
  ["with a chunk size past all numbers", chunked("fffffffffffffffff\r\nabc\r\n0\r\n\r\n"), 400],
  ["with a chunk shorter than it says", chunked("5\r\nabc\r\n0\r\n\r\n"), 400],
  ["with a chunk longer than it says", chunked("2\r\nabc\r\n0\r\n\r\n"), 400],
  ["with a chunk size that ends in LF alone", chunked("3\nabc\r\n0\r\n\r\n"), 400],
  ["with a chunk that ends in LF alone", chunked("3\r\nabc\n0\r\n\r\n"), 400],
  ["with a NUL in a chunk's extension", chunked("3;a=\0\r\nabc\r\n0\r\n\r\n"), 400],
  ["with a line break in a chunk's extension", chunked("3;a\nb\r\nabc\r\n0\r\n\r\n"), 400],
  ["with extensions without end", chunked(`3;${"a".repeat(20_000)}\r\nabc\r\n0\r\n\r\n`), 400],
  ["with a trailer that is none", chunked("3\r\nabc\r\n0\r\nX Y: 1\r\n\r\n"), 400],
  ["that comes too slowly", post("Content-Length: 10", "", "abc"), 408],
  ["that is too long", chunked(`f4241\r\n${"x".repeat(1_000_001)}\r\n0\r\n\r\n`), 413],
];

describe("a body is given up, and its connection closed,", () => {
  it.each(brokenBodies)("%s", async (_, request, status) => {
    const { hop, port } = await strictRig();
    const ends: string[] = [];
    hop.script = ({ body }) => {
      if (body && "on" in body)
        body
          .on("data", () => undefined)
          .on("end", () => ends.push("whole"))
          .on("error", () => ends.push("broken"));
    };
    const text = await exchange(port, request);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*connection: close`));
    expect(hop.aborted).toBe(1);
    expect(ends).not.toContain("whole");
    hop.script = (_request, sink) => sink.whole(200, [], "ok");
    expect(await exchange(port, get("/next"))).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("a request is passed on that is unusual but sound:", () => {
  it.each([
    [
      "for an absolute address of its own host",
      "GET http://A:80/x?y HTTP/1.1\r\nHost: a:80\r\nConnection: close\r\n\r\n",
      "/x?y",
    ],
    [
      "for an absolute address without a path",
      "GET http://a?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "/?y",
    ],
    ["for * by OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "*"],
    ["with an empty line before it", `\r\n${get("/x")}`, "/x"],
    ["with an empty header", get("/x", "X-Empty:"), "/x"],
    ["with bytes beyond ASCII in a header", get("/x", "X-One: \xe9"), "/x"],
    ["of HTTP/1.0 without a host", "GET /x HTTP/1.0\r\n\r\n", "/x"],
    ["with an IPv6 host", "GET /x HTTP/1.1\r\nHost: [::1]:3000\r\nConnection: close\r\n\r\n", "/x"],
  ])("%s", async (_, request, target) => {
    const { hop, port } = await strictRig();
    expect(await exchange(port, request)).toMatch(/^HTTP\/1\.1 200 /);
    expect(hop.seen.map((seen) => seen.target)).toEqual([target]);
  });
});

describe("requests in one packet", () => {
  it("are answered in their order, however their answers come", async () => {
    const { hop, port } = await strictRig();
    const sinks: (() => void)[] = [];
    hop.script = ({ target }, sink) => {
      sinks.push(() => sink.whole(200, [], `answer to ${target}`));
      if (sinks.length === 3) for (const answer of sinks.reverse()) answer();
    };
    const text = await exchange(
      port,
      `GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n${get("/3")}`,
    );
    expect(text.match(/answer to \/\d/g)).toEqual(["answer to /1", "answer to /2", "answer to /3"]);
  });

  it("are answered up to the first that is malformed, which closes the connection", async () => {
    const { hop, port } = await strictRig();
    const text = await exchange(port, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nBad Header: 1\r\n\r\n");
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*hello[\s\S]*HTTP\/1\.1 400 /);
    expect(hop.seen.map(({ target }) => target)).toEqual(["/1"]);
  });

  it("end with the answer that had begun when a malformed one followed it", async () => {
    const { hop, port } = await strictRig();
    const client = new RawConnection(port);
    let finish: () => void = () => undefined;
    hop.script = (_, sink) => {
      sink.head(200, ["content-length", "4"]);
      finish = () => {
        sink.data(Buffer.from("late"));
        sink.end();
      };
    };
    client.write("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("\r\n\r\n");
    client.write("GET /2 HTTP/1.1\r\nBad Header: 1\r\n\r\n");
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    finish();
    await client.until("late");
    await client.closed;
  });

  it("end with the answer that was under way when a malformed one followed it", async () => {
    const { hop, port } = await strictRig();
    hop.script = (_, sink) => void setImmediate(() => sink.whole(200, [], "late"));
    const text = await exchange(port, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nBad Header: 1\r\n\r\n");
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*late$/);
    expect(hop.seen.map(({ target }) => target)).toEqual(["/1"]);
  });
});
