import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { type TestClock, testClock } from "../../../testing/test-clock.ts";
import type { ServiceDatabase } from "../port.ts";
import { testDatabase } from "../test-database.contract.ts";

// Real servers: they have the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const database = await testDatabase("silence");
const statementTimeoutMs = 10_000;
/** `silenceMs` longer. */
const lostAfterMs = 15_000;

interface Wire {
  readonly url: string;
  /** Nothing passes any more, and nobody is told: what a network does that drops packets. */
  cut(): void;
  mend(): void;
}

/** A way to the database's server that can be cut. */
async function wire(): Promise<Wire> {
  const address = new URL(database.url);
  const socketFolder = address.searchParams.get("host");
  const sockets = new Set<Socket>();
  let passes = true;
  const server = createServer((near) => {
    const far = socketFolder
      ? connect(`${socketFolder}/.s.PGSQL.${address.port || 5432}`)
      : connect(Number(address.port || 5432), address.hostname);
    for (const socket of [near, far]) sockets.add(socket.on("error", () => undefined));
    near.on("data", (chunk) => passes && far.write(chunk)).on("close", () => far.destroy());
    far.on("data", (chunk) => passes && near.write(chunk)).on("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(database.url);
  url.searchParams.delete("host");
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  if (!url.username) url.username = "trellis";
  return {
    url: url.href,
    cut: () => {
      passes = false;
    },
    mend: () => {
      passes = true;
    },
  };
}

function service(url: string, clock: TestClock): ServiceDatabase {
  const engine = database.engine({ url, clock, statementTimeoutMs, poolMax: 1, pipelines: 1 });
  return engine.service("silence");
}

const read = { text: "select 1 as one", values: [] };

test("who waits in a transaction for a server that is silent hears it, and the next one gets another connection", async () => {
  const { url, cut, mend } = await wire();
  const clock = testClock();
  const db = service(url, clock);
  const asked = Promise.withResolvers<void>();
  const waiting = db.transaction(async (tx) => {
    await db.in(tx).run(read);
    cut();
    const answer = db.in(tx).run(read);
    asked.resolve();
    return answer;
  });
  const heard = expect(waiting).rejects.toMatchObject({ code: "database-unreachable" });
  await asked.promise;
  // Something was answered within the first stretch of time, so that the second one counts.
  await clock.advance(2 * lostAfterMs);
  await heard;
  mend();
  const { rows } = await db.transaction((tx) => db.in(tx).run(read));
  expect(rows).toEqual([{ one: 1 }]);
});

test("a shared connection that is silent is given up, and what was read on it is read again", async () => {
  const { url, cut, mend } = await wire();
  const clock = testClock();
  const { replica } = service(url, clock);
  await replica.run(read);
  cut();
  const reads = Array.from({ length: 5 }, () => replica.run(read));
  mend();
  // What was dropped on the way never comes, though the way is open again.
  await clock.advance(lostAfterMs);
  await clock.advance(lostAfterMs);
  for (const { rows } of await Promise.all(reads)) expect(rows).toEqual([{ one: 1 }]);
});

test("a server that answers, however much it is asked, is not given up", async () => {
  const clock = testClock();
  const db = service(database.url, clock);
  const pid = () =>
    db.transaction(async (tx) => {
      const asked = db.in(tx).run({ text: "select pg_backend_pid() as pid", values: [] });
      await clock.advance(lostAfterMs / 2);
      return (await asked).rows;
    });
  const first = await pid();
  for (let count = 0; count < 10; count += 1) expect(await pid()).toEqual(first);
});
