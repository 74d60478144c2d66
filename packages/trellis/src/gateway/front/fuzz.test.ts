import fc from "fast-check";
import { expect, it } from "vitest";
import type { GatewayRequest } from "../exchange.ts";
import { exchange, get, openRig } from "./front-rig.contract.ts";

const timeouts = { headMs: 40, requestMs: 80, keepAliveMs: 20, lookEveryMs: 10 };

const token = fc.stringMatching(/^[A-Za-z-]{1,12}$/);
const sound = fc.constantFrom(
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /x?y=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
  "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
);
const headers = fc.oneof(
  fc.tuple(token, fc.string()).map(([name, value]) => `${name}: ${value}`),
  fc.constantFrom(
    ...["Content-Length: 3", "Content-Length: 0", "Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ...["Host: b", "Connection: close, host", "Expect: 100-continue", "Upgrade: websocket", "Connection: upgrade"],
    ...["Via: 1.1 x", " folded", "X : y", "Trailer: x", "TE: trailers", "Upgrade: h2c"],
  ),
);
const composed = fc
  .tuple(
    fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "PUT", "CONNECT", "TRACE", "G T", "PRI"),
    fc.oneof(fc.constantFrom("/", "*", "http://a/", "//", "/..", "a", ""), fc.webPath()),
    fc.constantFrom("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "http/1.1", ""),
    fc.array(headers, { maxLength: 6 }),
    fc.constantFrom("", "abc", "3\r\nabc\r\n0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  )
  .map(
    ([method, target, version, lines, body]) =>
      `${method} ${target} ${version}\r\n${["Host: a", ...lines].join("\r\n")}\r\n\r\n${body}`,
  );
const mutated = fc
  .tuple(fc.oneof(sound, composed), fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { maxLength: 4 }))
  .map(([text, changes]) => {
    let bytes = text;
    for (const [where, byte, kind] of changes) {
      const at = where % (bytes.length + 1);
      const put = kind === 2 ? "" : String.fromCharCode(byte);
      bytes = bytes.slice(0, at) + put + bytes.slice(at + (kind === 0 ? 0 : 1));
    }
    return bytes;
  });
const noise = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const anyBytes = fc.oneof({ weight: 3, arbitrary: mutated }, { weight: 2, arbitrary: composed }, sound, noise);
const packets = fc.array(anyBytes, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(""));

/** What is left of a text when whole answers are read off it; each must be one that HTTP/1.1 can tell from the next. */
function restAfterAnswers(text: string): string {
  let rest = text;
  for (;;) {
    const [head, status] =
      /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(?:[!#$%&'*+.^_`|~\w-]+: [^\r\n]*\r\n)*\r\n/.exec(rest) ?? [];
    if (head === undefined) return rest;
    rest = rest.slice(head.length);
    const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
    // Of all that was asked for only HEAD has a length and no body; no body here looks like an answer.
    const bare = status === "100" || rest === "" || rest.startsWith("HTTP/1.1 ");
    if (!bare) rest = rest.slice(length);
  }
}

it("whatever bytes come, each answer is well formed or the connection ends, and the next client is served", async () => {
  const { hop, port, front } = await openRig({ timeouts });
  const seen: GatewayRequest[] = [];
  hop.script = (request, sink) => {
    seen.push(request);
    const { body } = request;
    if (body === undefined || !("on" in body)) return sink.whole(200, ["content-type", "text/plain"], "hello");
    body.on("error", () => undefined).on("data", () => undefined);
    body.on("end", () => sink.whole(200, ["content-type", "text/plain"], "hello"));
  };
  hop.upgradeScript = (_, sink) => sink.whole(200, [], "hello");
  const property = fc.asyncProperty(fc.array(packets, { minLength: 60, maxLength: 60 }), async (requests) => {
    const answers = await Promise.all(requests.map((request) => exchange(port, request)));
    for (const [index, answer] of answers.entries()) {
      const request = requests[index] as string;
      expect(restAfterAnswers(answer), JSON.stringify({ request, answer })).toBe("");
    }
    expect(await exchange(port, get("/next"))).toMatch(/^HTTP\/1\.1 200 [\s\S]*hello$/);
  });
  await fc.assert(property, { numRuns: 10, endOnFailure: true });
  expect(front.figures().pending).toBe(0);
  for (const { method, target, headers: list, authority } of seen) {
    expect(method).toMatch(/^[A-Z-]+$/);
    expect(target).toMatch(/^(?:\/[^\s]*|\*)$/);
    expect(authority).toBe(authority.toLowerCase());
    for (let index = 0; index < list.length; index += 2) {
      expect(list[index]).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/);
      expect(["connection", "transfer-encoding", "keep-alive", "te", "trailer"]).not.toContain(list[index]);
      expect(list[index + 1]).not.toMatch(/[\r\n\0]/);
    }
  }
  expect(seen.length).toBeGreaterThan(50);
}, 60_000);
