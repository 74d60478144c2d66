import { expect, test, vi } from "vitest";
import type { Isolation } from "../../../model/transaction.ts";
import { systemClock, systemRandom } from "../../../runtime/system-clock.ts";
import { linksDatabase } from "../links-database.contract.ts";
import { connect } from "./connector.ts";
import { TransactionRunner } from "./transaction-runner.ts";

// Real servers: they have the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const { server, codes } = await linksDatabase("statement_group");
const settings = {
  url: server.url,
  schema: "my_links",
  applicationName: "test",
  statementTimeoutMs: 10_000,
  waitMs: 5_000,
};

async function onConnection(run: (opened: Awaited<ReturnType<typeof connect>>) => Promise<void>): Promise<void> {
  const opened = await connect(settings, { clock: systemClock, random: systemRandom });
  try {
    await run(opened);
  } finally {
    await opened.end();
  }
}

const insert = (code: string) => ({ text: "insert into link (code, target) values ($1, 'u')", values: [code] });
const divide = { text: "select 1 / $1::int as half", values: [0] };

test("statements that go together are one message, and what comes back is the last one's", async () => {
  await onConnection(async ({ connection, client }) => {
    const writes = vi.spyOn((client as unknown as { connection: { sync(): void } }).connection, "sync");
    const result = await connection.run({ text: "select $1::int as n", values: [7] }, [
      insert("a"),
      { text: "select 'unread' as row from generate_series(1, 3)", values: [] },
      insert("b"),
    ]);
    expect(result).toEqual({ rows: [{ n: 7 }], count: 1, command: "SELECT" });
    expect(writes).toHaveBeenCalledTimes(1);
    expect(connection.inFlight).toBe(0);
  });
  expect(await codes()).toEqual(["a", "b"]);
});

test("where one of them fails its error is the answer, none after it is run, and the connection goes on", async () => {
  await onConnection(async ({ connection }) => {
    for (const _ of [1, 2]) {
      const tried = connection.run(insert("a"), [insert("b"), divide, insert("c")]);
      await expect(tried).rejects.toThrow("division by zero, in: select 1 / $1::int as half");
    }
    await expect(connection.run(insert("")), "the last one's own").rejects.toMatchObject({ code: "check-violation" });
    expect((await connection.run({ ...divide, values: [1] }, [insert("d")])).rows).toEqual([{ half: 1 }]);
  });
  expect(await codes()).toEqual(["d"]);
});

test("where a transaction cannot begin nothing that was sent with it or behind it takes effect", async () => {
  await onConnection(async ({ connection }) => {
    const inside = new TransactionRunner(connection, "nonsense" as Isolation);
    const outcomes = await Promise.allSettled([inside.run(insert("a")), inside.run(insert("b"))]);
    expect(outcomes).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    await expect(inside.run(insert("c"))).rejects.toThrow("syntax error");
    await expect(inside.commit()).rejects.toThrow("let it through");
    expect(await inside.rollBack()).toBe(true);
  });
  expect(await codes()).toEqual([]);
});

test("writes that nobody waits for are one message with the commit, and are kept together or not at all", async () => {
  await onConnection(async ({ connection, client }) => {
    const asked = vi.spyOn(client, "query");
    for (const isolation of ["read committed", "serializable"] as const) {
      const refused = new TransactionRunner(connection, isolation);
      for (const code of ["a", "", "b"]) await refused.defer(insert(code).text, [code]);
      await expect(refused.commit()).rejects.toMatchObject({ code: "check-violation" });
      expect(await refused.rollBack()).toBe(true);
    }
    expect(await codes()).toEqual([]);
    asked.mockClear();
    for (const [isolation, code] of [
      ["read committed", "c"],
      ["serializable", "d"],
    ] as const) {
      const kept = new TransactionRunner(connection, isolation);
      await kept.defer(insert(code).text, [code]);
      await kept.defer(insert(`${code}2`).text, [`${code}2`]);
      await kept.commit();
    }
    expect(asked).toHaveBeenCalledTimes(2);
  });
  expect(await codes()).toEqual(["c", "c2", "d", "d2"]);
});

test("a transaction in which nothing was done asks nothing of the server", async () => {
  await onConnection(async ({ connection, client }) => {
    const asked = vi.spyOn(client, "query");
    const [kept, undone] = [
      new TransactionRunner(connection, "serializable"),
      new TransactionRunner(connection, "serializable"),
    ];
    await kept.commit();
    expect(await undone.rollBack()).toBe(true);
    expect(asked).not.toHaveBeenCalled();
    const used = new TransactionRunner(connection, "serializable");
    const [row] = await used.query("select current_setting('transaction_isolation') as isolation");
    expect(row).toEqual({ isolation: "serializable" });
    await used.commit();
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
