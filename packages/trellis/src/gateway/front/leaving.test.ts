import { once } from "node:events";
import { request as ask } from "node:http";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { testClock } from "../../testing/test-clock.ts";
import { get, openRig, RawConnection, type ScriptedHop } from "./front-rig.contract.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a client that leaves", () => {
  it("without a word, and takes nothing of its answer, is given up after a minute", async () => {
    const clock = testClock();
    const { hop, port } = await openRig({ clock });
    const chunk = Buffer.alloc(65_536, "x");
    const client = new RawConnection(port);
    client.socket.pause();
    let more: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      hop.script = (_, sink) => {
        sink.head(200, []);
        more = () => {
          while (sink.data(chunk));
        };
        setImmediate(() => resolve(more()));
      };
    });
    hop.onResume = () => more();
    client.write(get("/"));
    await begun;
    for (let turn = 0; turn < 500; turn += 1) await nextTurn();
    await clock.advance(59_000);
    expect(hop.aborted).toBe(0);
    await clock.advance(2_000);
    expect(hop.aborted).toBe(1);
  });

  it("before it has taken what is written whole for it is given up, too, and one that is only slow gets all of it", async () => {
    const body = Buffer.alloc(30_000_000, "x");
    const { hop, port, front } = await openRig({ timeouts: { stalledMs: 200 } });
    hop.script = (_, sink) => sink.whole(200, [], body);
    const stalled = new RawConnection(port);
    stalled.socket.pause();
    stalled.write(get("/"));
    await expect.poll(() => hop.seen.length).toBe(1);
    expect(front.figures().connections).toBe(1);
    await expect.poll(() => front.figures().connections, { timeout: 5_000 }).toBe(0);

    const client = ask({ port, host: "127.0.0.1" });
    client.end();
    const [response] = await once(client, "response");
    let bytes = 0;
    const began = performance.now();
    for await (const piece of response) {
      bytes += piece.length;
      // So slowly that all of it takes several times as long as a client may rest.
      while (performance.now() - began < (bytes / body.length) * 800) await nextTurn();
    }
    expect(bytes).toBe(body.length);
  });

  it("is waited for no more: what was begun for it is aborted", async () => {
    const { hop, front, port } = await openRig();
    hop.script = () => client.socket.destroy();
    const aborted = hop.untilAborted();
    const client = new RawConnection(port);
    client.write(get("/"));
    await aborted;
    expect(front.figures().pending).toBe(0);
  });

  it("takes all with it that it had asked for in one packet", async () => {
    const { hop, front, port } = await openRig();
    const client = new RawConnection(port);
    hop.script = ({ target }) => {
      if (target === "/2") setImmediate(() => client.socket.destroy());
    };
    client.write(`GET /1 HTTP/1.1\r\nHost: a\r\n\r\n${get("/2")}`);
    await hop.untilAborted();
    expect(hop.aborted).toBe(2);
    expect(front.figures().pending).toBe(0);
  });

  it("while nobody takes what it sends is noticed within seconds, not at the deadline", async () => {
    const clock = testClock();
    const { hop, front, port } = await openRig({ clock });
    const client = new RawConnection(port);
    await startUpload(hop, client, 300_000);
    client.socket.destroy();
    await clock.advance(900);
    await moment();
    expect(hop.aborted).toBe(0);
    for (let seconds = 0; hop.aborted === 0 && seconds < 8; seconds += 1) {
      await clock.advance(1_000);
      await moment();
    }
    expect(hop.aborted).toBe(1);
    expect(front.figures().pending).toBe(0);
  });

  it("is not mistaken for one that waits until somebody takes what it sends, of which little is kept meanwhile", async () => {
    const clock = testClock();
    const { hop, port } = await openRig({ clock, settings: { ...roomy, bodyBytesMax: 100_000_000 } });
    const client = new RawConnection(port);
    const { body, answer } = await startUpload(hop, client, 20_000_000);
    for (let seconds = 0; seconds < 29; seconds += 1) {
      await clock.advance(1_000);
      await moment();
    }
    expect(hop.aborted).toBe(0);
    expect(body.readableLength).toBeLessThan(600_000);
    let bytes = 0;
    for await (const piece of body) bytes += (piece as Buffer).length;
    expect(bytes).toBe(20_000_000);
    answer();
    expect(await client.until("hello")).toContain("200 OK");
    expect(hop.aborted).toBe(0);
  });
});

const roomy = {
  headersBytesMax: 16_384,
  requestTimeoutMs: 30_000,
  connectionsMax: 10,
  trustedProxies: "none",
} as const;

/** For what comes on sockets, which no clock moves. */
async function moment(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
}

/** Sends a body that nobody takes: resolves when no more of it is read. */
async function startUpload(hop: ScriptedHop, client: RawConnection, bytes: number) {
  const begun = new Promise<{ readonly body: Readable; readonly answer: () => void }>((resolve) => {
    hop.script = ({ body }, sink) => {
      if (!(body instanceof Readable)) throw new TypeError("A body comes piece by piece");
      // The first piece is asked for, as by whoever passes it on.
      body.once("readable", () => undefined);
      resolve({ body, answer: () => sink.whole(200, [], "hello") });
    };
  });
  client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`);
  client.socket.write(Buffer.alloc(bytes, "x"));
  const upload = await begun;
  let before = -1;
  while (upload.body.readableLength !== before || before < 65_536) {
    before = upload.body.readableLength;
    await moment();
  }
  return upload;
}
