import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { notesApp } from "./helpers/notes-app.ts";
import { kill, runTrellis, startTrellis } from "./helpers/trellis-process.ts";

interface Said {
  readonly text: string;
  readonly pid: number;
  readonly says: string;
}

/** Says one thing after the other, each when the one before is answered; connects again when told that the instance ends. */
class Talker {
  readonly answers: Said[] = [];
  readonly closed: number[] = [];
  readonly #url: string;
  #talking = true;
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#url = `${url.replace("http", "ws")}/v1/talk`;
    this.#done = this.#talk();
    onTestFinished(() => this.stop());
  }

  async until(fits: (answer: Said) => boolean): Promise<void> {
    await expect
      .poll(() => fits(this.answers.at(-1) ?? { text: "", pid: 0, says: "" }), { timeout: 30_000 })
      .toBe(true);
  }

  async stop(): Promise<void> {
    this.#talking = false;
    await this.#done;
  }

  async #talk(): Promise<void> {
    for (let number = 0; this.#talking; ) {
      const socket = new WebSocket(this.#url, { perMessageDeflate: false });
      const closed = once(socket, "close").then(([code]) => this.closed.push(Number(code)));
      await once(socket, "open");
      let isOpen = true;
      void closed.then(() => {
        isOpen = false;
      });
      while (isOpen && this.#talking) {
        socket.send(JSON.stringify({ text: String(number) }));
        const heard = await Promise.race([once(socket, "message"), closed]);
        if (!Array.isArray(heard)) break;
        this.answers.push(JSON.parse(String(heard[0])));
        number += 1;
      }
      if (isOpen) socket.close();
      await closed;
    }
  }
}

test("a release lets each WebSocket end with a word, and the next one leads to it: every message is answered once", async () => {
  const app = notesApp();
  const { url } = await startTrellis({ ...app, environment: { TRELLIS_SOAK: "1s" } }).ready;
  const talkers = [new Talker(url), new Talker(url), new Talker(url)];
  for (const talker of talkers) await talker.until(({ says }) => says === "hello");
  app.edit('says: "hello"', 'says: "second"');
  expect((await runTrellis(["deploy", "--json"], app)).code).toBe(0);
  for (const talker of talkers) {
    await talker.until(({ says }) => says === "second");
    await talker.stop();
    // The last one is its own.
    expect(talker.closed.slice(0, -1)).toEqual([1001]);
    expect(talker.answers.map(({ text }) => Number(text))).toEqual(talker.answers.map((_, place) => place));
  }
}, 120_000);

test("an instance killed cuts its own WebSockets and no others", async () => {
  const app = notesApp();
  const { url } = await startTrellis({ ...app, environment: {} }).ready;
  const talkers = Array.from({ length: 8 }, () => new Talker(url));
  for (const talker of talkers) await talker.until(({ pid }) => pid > 0);
  const pids = new Map(talkers.map((talker) => [talker, talker.answers.at(-1)?.pid ?? 0]));
  const [victim = 0, other] = new Set(pids.values());
  expect(other).toBeDefined();
  kill(victim);
  for (const talker of talkers) await talker.until(({ pid }) => pid !== victim);
  for (const talker of talkers) {
    await talker.stop();
    expect(talker.closed.slice(0, -1)).toEqual(pids.get(talker) === victim ? [1006] : []);
  }
}, 120_000);

test("whoever stops the app waits for no WebSocket: its client is told that the instance ends", async () => {
  const app = notesApp();
  const trellis = startTrellis({ ...app, environment: { TRELLIS_DRAIN_TIMEOUT: "10m" } });
  const { url } = await trellis.ready;
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/talk`);
  await once(socket, "open");
  const closed = once(socket, "close");
  expect((await trellis.stop()).code).toBe(0);
  expect(Number((await closed)[0])).toBe(1001);
}, 60_000);
