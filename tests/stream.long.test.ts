import { expect, test } from "vitest";
import { hold, ordersApp, placeOrders, type Shipped, shipped } from "./helpers/orders-app.ts";
import { kill, startTrellis } from "./helpers/trellis-process.ts";

/** Waits until as many are shipped as were placed, then expects each once, those of one customer in order. */
async function expectAllShipped(url: string, count: number): Promise<readonly Shipped[]> {
  await expect.poll(async () => (await shipped(url)).length, { timeout: 20_000, interval: 200 }).toBe(count);
  const orders = await shipped(url);
  expect(orders.map(({ number }) => number).sort((one, other) => one - other)).toEqual(upTo(count));
  for (const customer of new Set(orders.map((order) => order.customer))) {
    const numbers = orders.filter((order) => order.customer === customer).map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  }
  return orders;
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Ready, with two workers of which each has shipped something. */
async function startOrders() {
  const trellis = startTrellis(ordersApp());
  const { url } = await trellis.ready;
  let placed = 0;
  const place = async (count: number): Promise<void> => {
    await placeOrders(url, placed, placed + count);
    placed += count;
  };
  const shippers = async (from = 0) => new Set((await shipped(url)).slice(from).map(({ pid }) => pid));
  await expect
    .poll(
      async () => {
        await place(32);
        return (await shippers()).size;
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe(2);
  return { url, place, placed: () => placed, shippers };
}

test("a consumer that is killed under load: the other ships on within ten seconds, and each order is shipped once", async () => {
  const { url, place, placed, shippers } = await startOrders();
  const [victim = 0] = await shippers();
  for (let turn = 0; turn < 30; turn += 1) {
    await place(40);
    if (turn === 10) kill(victim);
  }
  const killedAt = Date.now();
  await expectAllShipped(url, placed());
  expect(Date.now() - killedAt).toBeLessThan(12_000);
});

test("a consumer that freezes in the middle of a batch is done without; waking up, it ships nothing twice", async () => {
  const { url, place, placed, shippers } = await startOrders();
  const [victim = 0] = await shippers();
  await hold(url, victim);
  for (let turn = 0; turn < 10; turn += 1) await place(40);
  await expectAllShipped(url, placed());
  process.kill(victim, "SIGCONT");
  await place(200);
  const orders = await expectAllShipped(url, placed());
  expect(orders.length).toBe(placed());
});
