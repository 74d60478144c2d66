import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterEach, describe, expect, it } from "vitest";
import { waysIn } from "../../endpoint/shop.contract.ts";

import { endAll, openFrames, openHttp } from "./listener.contract.ts";

afterEach(endAll);

describe.each(waysIn)("what is written for node's HTTP server works %s", (way) => {
  const open = way === "by HTTP" ? openHttp : openFrames;
  const ask = async (listener: RequestListener, path = "/", init?: RequestInit): Promise<Response> => {
    const { port } = await open(listener);
    return fetch(`http://127.0.0.1:${port}${path}`, init);
  };

  it("requests show method, address, headers and a peer", async () => {
    const seen: unknown[] = [];
    const answer = await ask(
      (request, response) => {
        const { method, url, headers, httpVersion, rawHeaders } = request;
        seen.push({ method, url, httpVersion, raw: rawHeaders.includes("twice") }, headers["x-a"]);
        seen.push(headers.cookie, typeof request.socket.remoteAddress, request.socket.destroyed);
        response.end();
      },
      "/a%20b?c=d",
      { headers: { "x-a": "1, 2", cookie: "a=1; b=2", twice: "x" } },
    );
    expect(answer.status).toBe(200);
    expect(seen).toEqual([
      { method: "GET", url: "/a%20b?c=d", httpVersion: "1.1", raw: true },
      "1, 2",
      "a=1; b=2",
      "string",
      false,
    ]);
  });

  it("headers are set, read, replaced, removed and refused as in node", async () => {
    const found: unknown[] = [];
    const answer = await ask((_, response) => {
      response.setHeader("X-One", 1).setHeader("X-Two", ["a", "b"]).setHeader("X-Gone", "x");
      response.appendHeader("X-Two", "c");
      response.removeHeader("x-gone");
      found.push(response.getHeader("x-one"), response.hasHeader("X-GONE"), response.getHeaderNames());
      found.push(
        response.headersSent,
        codeOf(() => response.setHeader("x-bad", "a\r\nb")),
      );
      found.push(codeOf(() => response.setHeader("bad name", "a")));
      response.writeHead(201, { "x-one": "2", "x-three": "3" });
      found.push(
        response.headersSent,
        codeOf(() => response.setHeader("late", "x")),
      );
      response.end("made");
    });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe("made");
    expect(["x-one", "x-two", "x-three", "x-gone"].map((name) => answer.headers.get(name))).toEqual([
      "2",
      "a, b, c",
      "3",
      null,
    ]);
    expect(found).toEqual([
      ...[1, false, ["x-one", "x-two"], false, "ERR_INVALID_CHAR", "ERR_INVALID_HTTP_TOKEN"],
      ...[true, "ERR_HTTP_HEADERS_SENT"],
    ]);
  });

  it("answers in pieces come in order, each as soon as it is written", async () => {
    let goOn = (): void => undefined;
    const answer = await ask((_, response) => {
      response.write("one ");
      goOn = () => response.end("two");
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("one ");
    goOn();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("two");
    expect((await reader.read()).done).toBe(true);
  });

  it("finish and close are told, in this order, and after a whole answer the response has ended", async () => {
    const told: string[] = [];
    const closed = Promise.withResolvers<void>();
    await ask((request, response) => {
      for (const event of ["finish", "close"]) response.on(event, () => told.push(event));
      response.on("close", () => {
        told.push(`${response.writableEnded} ${response.writableFinished} ${response.destroyed} ${request.aborted}`);
        closed.resolve();
      });
      response.end("x".repeat(100_000), () => told.push("called"));
    }).then((answer) => answer.text());
    await closed.promise;
    expect(told.toSorted()).toEqual(["called", "close", "finish", "true true true false"]);
    expect(told.indexOf("finish")).toBeLessThan(told.indexOf("close"));
  });

  it("HEAD, 204 and 304 have no body, whatever is written", async () => {
    const listener: RequestListener = ({ url }, response) => {
      response.writeHead(Number(url?.slice(1)));
      response.end("no one reads this");
    };
    for (const path of ["/204", "/304"]) expect(await (await ask(listener, path)).text()).toBe("");
    const head = await ask(listener, "/200", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("megabytes go through unchanged both ways, by pipes", async () => {
    const sent = randomBytes(5_000_000);
    const answer = await ask((request, response) => void pipeline(request, response).catch(() => undefined), "/", {
      method: "POST",
      body: sent,
    });
    const received = Buffer.from(await answer.arrayBuffer());
    expect(digest(received)).toBe(digest(sent));
  });

  it("one long answer goes through whole, as bytes and as text", async () => {
    const text = "naïve ✓ ".repeat(200_000);
    for (const body of [text, Buffer.from(text)]) {
      const answer = await ask((_, response) => void response.end(body));
      expect(digest(Buffer.from(await answer.arrayBuffer()))).toBe(digest(Buffer.from(text)));
    }
  });

  it("whoever writes too fast is told to wait, and told when to go on", async () => {
    const written: number[] = [];
    const waited = Promise.withResolvers<void>();
    let drained = 0;
    const answer = await ask((_, response) => {
      const write = (): void => {
        while (written.length < 400) {
          written.push(65_536);
          if (!response.write(Buffer.alloc(65_536))) {
            waited.resolve();
            response.once("drain", () => {
              drained += 1;
              write();
            });
            return;
          }
        }
        response.end();
      };
      write();
    });
    await waited.promise;
    // Sockets take some; nowhere near all of it.
    expect(written.length).toBeLessThan(400);
    expect((await answer.arrayBuffer()).byteLength).toBe(400 * 65_536);
    expect(drained).toBeGreaterThan(0);
  });

  it("a body is read by events, by iteration, or not at all", async () => {
    const byEvents: RequestListener = (request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => response.end(`${text} ${request.complete}`));
    };
    const byIteration: RequestListener = async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      response.end(`${text} ${request.complete}`);
    };
    for (const listener of [byEvents, byIteration]) {
      expect(await (await ask(listener, "/", { method: "POST", body: "ball" })).text()).toBe("ball true");
      expect(await (await ask(listener, "/", { method: "POST" })).text()).toBe(" true");
    }
    const unread = await ask((_, response) => void response.end("no thanks"), "/", { method: "POST", body: "ball" });
    expect(await unread.text()).toBe("no thanks");
  });

  it("early hints come before the answer", async () => {
    const { port } = await open((_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.end("then this");
    });
    const asked = httpRequest({ port, host: "127.0.0.1" }).end();
    const hints = once(asked, "information");
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    answer.resume();
    expect(await hints).toMatchObject([{ statusCode: 103, headers: { link: "</style.css>; rel=preload" } }]);
  });

  it("trailers come after the body", async () => {
    const { port } = await open((_, response) => {
      response.setHeader("trailer", "x-sum");
      response.write("body");
      response.addTrailers({ "x-sum": "7" });
      response.end();
    });
    const [answer] = (await once(httpRequest({ port, host: "127.0.0.1" }).end(), "response")) as [IncomingMessage];
    answer.resume();
    await once(answer, "end");
    expect(answer.trailers).toEqual({ "x-sum": "7" });
  });

  it("an answer that breaks off is never taken for a whole one", async () => {
    const answer = await ask((_, response) => {
      response.writeHead(200);
      response.write("half", () => response.destroy());
    });
    await expect(answer.text()).rejects.toThrow();
  });

  it("a client that leaves is told to request and response", async () => {
    const begun = Promise.withResolvers<void>();
    const told: string[] = [];
    const both = Promise.withResolvers<void>();
    const { port } = await open((request, response) => {
      const tell = (who: string) => (): void => {
        told.push(who);
        if (told.length === 2) both.resolve();
      };
      request.on("close", tell("request"));
      response.on("close", tell(`response ${response.writableFinished}`));
      begun.resolve();
    });
    const controller = new AbortController();
    const answer = fetch(`http://127.0.0.1:${port}`, { signal: controller.signal }).catch(() => undefined);
    await begun.promise;
    controller.abort();
    await both.promise;
    await answer;
    expect(told.toSorted()).toEqual(["request", "response false"]);
  });

  it("protocols are switched, and bytes go both ways until both sides end", async () => {
    const { port } = await open(
      () => undefined,
      (request, socket) => {
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n\r\nhello `,
        );
        socket.on("data", (chunk) => socket.write(String(chunk).toUpperCase()));
        socket.on("end", () => socket.end(" bye"));
      },
    );
    const [answer, socket] = await upgraded(port);
    expect([answer.statusCode, answer.headers.upgrade]).toEqual([101, "websocket"]);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.write("ping");
    await expect.poll(() => text).toContain("PING");
    socket.end();
    await once(socket, "end");
    expect(text).toMatch(/PING bye$/);
  });

  it("a switch that is refused is answered", async () => {
    const { port } = await open(
      () => undefined,
      (_, socket) => void socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
    );
    const asked = httpRequest({ port, host: "127.0.0.1", headers: { connection: "upgrade", upgrade: "websocket" } });
    const [answer] = (await once(asked.end(), "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(400);
  });
});

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

async function upgraded(port: number): Promise<[IncomingMessage, Duplex]> {
  const asked = httpRequest({ port, host: "127.0.0.1", headers: { connection: "upgrade", upgrade: "websocket" } });
  const [answer, socket, head] = (await once(asked.end(), "upgrade")) as [IncomingMessage, Duplex, Buffer];
  if (head.length > 0) socket.unshift(head);
  return [answer, socket];
}
