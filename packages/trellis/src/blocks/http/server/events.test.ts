import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenShop, openShop, waysIn } from "../endpoint/shop.contract.ts";
import type { WireAnswer } from "../port.ts";

describe.each(waysIn)("%s", (way) => {
  let shop: OpenShop;
  beforeEach(async () => {
    shop = await openShop({}, way);
  });
  afterEach(() => shop.close());

  /** A source that tests push events into, and that says when it was told to end. */
  class Source implements AsyncIterableIterator<{ at: Date }> {
    readonly returned = Promise.withResolvers<void>();
    readonly #waiting: ((step: IteratorResult<{ at: Date }>) => void)[] = [];
    readonly #ready: IteratorResult<{ at: Date }>[] = [];

    push(ms: number): void {
      this.#give({ done: false, value: { at: new Date(ms) } });
    }

    end(): void {
      this.#give({ done: true, value: undefined });
    }

    next(): Promise<IteratorResult<{ at: Date }>> {
      const ready = this.#ready.shift();
      return ready ? Promise.resolve(ready) : new Promise((resolve) => this.#waiting.push(resolve));
    }

    async return(): Promise<IteratorResult<{ at: Date }>> {
      this.returned.resolve();
      return { done: true, value: undefined };
    }

    [Symbol.asyncIterator](): this {
      return this;
    }

    #give(step: IteratorResult<{ at: Date }>): void {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(step);
      else this.#ready.push(step);
    }
  }

  const first = 'data: {"at":"1970-01-01T00:00:00.000Z"}\n\n';

  async function openTicks(
    signal?: AbortSignal,
  ): Promise<{ source: Source; response: Response; read(): Promise<string> }> {
    const source = new Source();
    shop.state.ticks = source;
    const response = await fetch(`${shop.url}/ticks`, signal ? { signal } : {});
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    return { source, response, read: async () => (await reader.read()).value ?? "END" };
  }

  it("sends each event as it comes, encoded", async () => {
    const { source, response, read } = await openTicks();
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await read()).toBe(":\n\n");
    source.push(0);
    expect(await read()).toBe(first);
    source.push(1_000);
    expect(await read()).toBe('data: {"at":"1970-01-01T00:00:01.000Z"}\n\n');
    source.end();
    expect(await read()).toBe("END");
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });

  it("beats while nothing happens, and outlives the deadline of requests", async () => {
    const { source, read } = await openTicks();
    await read();
    await shop.clock.advance(15_000);
    expect(await read()).toBe(":\n\n");
    await shop.clock.advance(45_000);
    source.push(0);
    let text = "";
    while (!text.includes("data")) text += await read();
    expect(text.match(/:\n\n/g)).toHaveLength(3);
    expect(text).toContain(first);
  });

  it("tells the handler when the client has gone, and forgets its timer", async () => {
    const controller = new AbortController();
    const { source, read } = await openTicks(controller.signal);
    await read();
    const timers = shop.clock.pending;
    controller.abort();
    await source.returned.promise;
    await expect.poll(() => [shop.http.stats().inFlight, shop.clock.pending]).toEqual([0, timers - 1]);
  });

  it("ends with the instance", async () => {
    const { source, read } = await openTicks();
    await read();
    const draining = shop.http.drain();
    expect(await read()).toBe("END");
    await source.returned.promise;
    let cut: number | undefined;
    void draining.then((count) => {
      cut = count;
    });
    while (cut === undefined) await shop.clock.advance(20);
    expect(cut).toBe(0);
  });

  it("breaks off, logged, at an event that does not fit", async () => {
    const { source, read } = await openTicks();
    await read();
    source.push(Number.NaN);
    await expect(read()).rejects.toThrow();
    expect(shop.logged).toMatchObject([{ says: "A stream of events broke off" }]);
  });

  it("gives calls in process the same events as texts", async () => {
    const source = new Source();
    shop.state.ticks = source;
    const controller = new AbortController();
    const call = { service: "shop", route: "ticks", method: "GET", params: {}, query: {}, headers: {} };
    const { body } = (await shop.http.dispatch({ ...call, signal: controller.signal })) as WireAnswer;
    const texts = (body as AsyncIterable<string>)[Symbol.asyncIterator]();
    source.push(0);
    expect(await texts.next()).toEqual({ done: false, value: '{"at":"1970-01-01T00:00:00.000Z"}' });
    const waiting = texts.next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await source.returned.promise;
  });

  it("answers HEAD with the head alone, and lets the connection go on", async () => {
    const source = new Source();
    shop.state.ticks = source;
    const response = await fetch(`${shop.url}/ticks`, { method: "HEAD" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    await source.returned.promise;
    await expect.poll(() => shop.http.stats().inFlight).toBe(0);
  });
});
