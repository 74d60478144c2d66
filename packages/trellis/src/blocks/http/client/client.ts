import type { Client } from "../../../model/call.ts";
import type { Clock } from "../../../model/clock.ts";
import type { Contract, Routes } from "../../../model/contract.ts";
import { httpTransport } from "./http-transport.ts";
import { makeClient } from "./make-client.ts";
import { webClock } from "./web-clock.ts";

export interface ClientOptions {
  /** Where the service answers, such as `https://links.example`. `""` in a browser: the host of the page. */
  readonly url: string;
  /** Sent as `authorization: Bearer KEY`. Browsers cannot send it with a WebSocket: cookies alone travel with those. */
  readonly key?: string;
  /** Sent with every call; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest that a call may take: its route's `timeout`, or 30,000 ms, unless said here or with the call. */
  readonly timeoutMs?: number;
  /** The platform's own `fetch` unless given. */
  readonly fetch?: typeof fetch;
  /** The platform's own `WebSocket` unless given. */
  readonly webSocket?: typeof WebSocket;
  /** The real clock unless given. */
  readonly clock?: Clock;
}

/**
 * Calls a service over HTTP, from browsers too. `client(contract, { url }).route(input)` throws `CallFailed` for a
 * failure that the route declares and where the service is unavailable; `.route.try(input)` returns those. Both throw
 * `TrellisError` where the call itself was refused, and the signal's reason where it was aborted. Inside the platform,
 * `calls(contract)` chooses the way.
 */
export function client<R extends Routes>(contract: Contract<string, R>, options: ClientOptions): Client<R> {
  const headers = {
    ...options.headers,
    ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
  };
  const clock = options.clock ?? webClock;
  return makeClient(contract, {
    transport: httpTransport(contract, {
      url: options.url,
      headers,
      clock,
      ...(options.fetch ? { fetch: options.fetch } : {}),
      ...(options.webSocket ? { webSocket: options.webSocket } : {}),
    }),
    clock,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
}
