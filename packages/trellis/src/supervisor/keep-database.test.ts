import { expect, test } from "vitest";
import type { EmbeddedServer } from "../blocks/database/port.ts";
import { settled, testClock } from "../testing/test-clock.ts";
import { keepDatabase } from "./keep-database.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

interface FakeServer extends EmbeddedServer {
  readonly stops: number;
  end(): void;
}

function fakeServer(pid: number): FakeServer {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let stops = 0;
  return {
    url: "postgres://there",
    pid,
    origin: pid === 1 ? "created" : "recovered",
    ended,
    end,
    get stops() {
      return stops;
    },
    stop: async () => {
      stops += 1;
      end();
    },
  };
}

async function kept() {
  const clock = testClock();
  const events: SupervisorEvent[] = [];
  const servers: FakeServer[] = [];
  let broken = false;
  const database = await keepDatabase({
    clock,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    start: async () => {
      if (broken) throw new Error("no room");
      const server = fakeServer(servers.length + 1);
      servers.push(server);
      return server;
    },
  });
  const breaks = (now: boolean) => {
    broken = now;
  };
  return { database, clock, events, servers, breaks };
}

test("a server that ends by itself is started again", async () => {
  const { database, clock, events, servers } = await kept();
  expect(database.url).toBe("postgres://there");
  servers[0]?.end();
  await settled();
  await clock.advance(200);
  expect(events).toEqual([
    { event: "database", origin: "created", pid: 1, url: "postgres://there" },
    { event: "restart", role: "database", pid: 1, because: "it ended", inMs: 125 },
    { event: "database", origin: "recovered", pid: 2, url: "postgres://there" },
  ]);
});

test("a server that cannot be started again is tried ever later, until it can", async () => {
  const { clock, events, servers, breaks } = await kept();
  breaks(true);
  servers[0]?.end();
  await settled();
  await clock.advance(1_000);
  const waits = events.flatMap((event) => (event.event === "restart" ? [event.inMs] : []));
  expect(waits).toEqual([125, 250, 500, 1_000]);
  expect(events.at(-1)).toMatchObject({ because: "no room" });
  breaks(false);
  await clock.advance(1_000);
  expect(events.at(-1)).toMatchObject({ event: "database", pid: 2 });
});

test("stopping ends the server, and none follows", async () => {
  const { database, clock, servers } = await kept();
  await database.stop();
  await clock.advance(60_000);
  expect(servers.map(({ stops }) => stops)).toEqual([1]);
  expect(clock.pending).toBe(0);
});

test("stopping while it waits to start again starts none", async () => {
  const { database, clock, servers } = await kept();
  servers[0]?.end();
  await settled();
  await database.stop();
  await clock.advance(60_000);
  expect(servers).toHaveLength(1);
});
