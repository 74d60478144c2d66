import { afterEach, describe, expect, test, vi } from "vitest";
import type { Departures } from "../../../model/departures.ts";
import { TurnDepartures } from "../../../runtime/turn-departures.ts";
import { type OpenShop, openShop, waysIn } from "../endpoint/shop.contract.ts";
import type { WireCall } from "../port.ts";

describe.each(waysIn)("%s", (way) => {
  let shop: OpenShop;
  afterEach(() => shop.close());

  /** Turns end when the test says so. */
  class SlowDepartures implements Departures {
    holding = false;
    sends: (() => void)[] = [];

    before(): void {
      this.holding = true;
    }

    leave(send: () => void): void {
      if (this.holding) this.sends.push(send);
      else send();
    }

    end(): void {
      this.holding = false;
      for (const send of this.sends.splice(0)) send();
    }
  }

  const slow: WireCall = { service: "shop", route: "slow", method: "POST", params: {}, query: {}, headers: {} };
  const read: WireCall = { service: "shop", route: "read", method: "GET", params: { id: "1" }, query: {}, headers: {} };

  /** A shop whose route `slow` writes something down before it answers. */
  async function openWritingShop(): Promise<SlowDepartures> {
    const departures = new SlowDepartures();
    shop = await openShop({ departures }, way);
    shop.state.slow = async () => departures.before();
    return departures;
  }

  /** How often `promise` has been settled. */
  function watch(promise: Promise<{ readonly status: number }>): { status: number | undefined } {
    const seen: { status: number | undefined } = { status: undefined };
    void promise.then(({ status }) => {
      seen.status = status;
    });
    return seen;
  }

  test("no answer leaves before what its turn has to write down, over HTTP and in process", async () => {
    const departures = await openWritingShop();
    const answers = [fetch(`${shop.url}/slow`, { method: "POST" }), shop.http.dispatch(slow)];
    const seen = answers.map(watch);
    await vi.waitFor(() => expect(departures.sends).toHaveLength(2));
    expect(shop.http.stats()).toMatchObject({ answers: 0, inFlight: 2 });
    expect(seen.map(({ status }) => status)).toEqual([undefined, undefined]);
    departures.end();
    for (const answer of answers) expect((await answer).status).toBe(200);
    expect(shop.http.stats()).toMatchObject({ answers: 1, inFlight: 0 });
  });

  test("other answers and refusals of the turn leave with it, in their order", async () => {
    const departures = await openWritingShop();
    departures.before();
    const order: string[] = [];
    const ask = (name: string, call: WireCall) =>
      shop.http.dispatch(call).then(({ status }) => order.push(`${name} ${status}`));
    const all = [
      ask("read", read),
      ask("drop", { ...read, route: "drop", method: "DELETE", params: { id: "long" } }),
      ask("wrong", { ...read, route: "wrong", params: { how: "throw" } }),
    ];
    await vi.waitFor(() => expect(departures.sends).toHaveLength(3));
    departures.end();
    await Promise.all(all);
    expect(order).toEqual(["read 200", "drop 422", "wrong 500"]);
  });

  test("a drain waits for answers that are held", async () => {
    const departures = await openWritingShop();
    const answer = shop.http.dispatch(slow);
    await vi.waitFor(() => expect(departures.sends).toHaveLength(1));
    let drained = false;
    const draining = shop.http.drain().finally(() => {
      drained = true;
    });
    await shop.clock.advance(1_000);
    expect(drained).toBe(false);
    departures.end();
    expect((await answer).status).toBe(200);
    await shop.clock.advance(20);
    expect(await draining).toBe(0);
  });

  test("an answer that is held past its deadline is told so once, and the held one is dropped", async () => {
    const departures = await openWritingShop();
    const answer = fetch(`${shop.url}/slow`, { method: "POST" });
    await vi.waitFor(() => expect(departures.sends).toHaveLength(1));
    await shop.clock.advance(5_000);
    expect((await answer).status).toBe(504);
    departures.end();
    expect(shop.http.stats()).toMatchObject({ answers: 1, inFlight: 0 });
  });

  test("with the real turns: by the time of the write nothing has left, and everything leaves right after it", async () => {
    const departures = new TurnDepartures();
    shop = await openShop({ departures }, way);
    const answersAtWrite: number[] = [];
    shop.state.slow = async () => departures.before(() => answersAtWrite.push(shop.http.stats().answers));
    for (let asked = 0; asked < 3; asked += 1)
      expect((await fetch(`${shop.url}/slow`, { method: "POST" })).status).toBe(200);
    expect(answersAtWrite).toEqual([0, 1, 2]);
  });
});
