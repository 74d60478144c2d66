import type { CallOptions, Client } from "../../../model/call.ts";
import type { Clock } from "../../../model/clock.ts";
import type { Contract, Routes } from "../../../model/contract.ts";
import { milliseconds } from "../../../model/duration.ts";
import { CallFailed, type Failure, type Result } from "../../../model/failure.ts";
import { isReply } from "../../../model/reply.ts";
import type { Route } from "../../../model/route.ts";
import { header, lasts, type Transport, type WireCall } from "../port.ts";
import { type Attempted, attempt, type NoAnswer } from "./attempt.ts";
import type { CallGuard } from "./call-guard.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { type Asked, retryAfterMsDefault } from "./decode-problem.ts";
import { type AnyInput, encodeCall } from "./encode-call.ts";
import { unavailable } from "./unavailable.ts";
import { Wait } from "./wait.ts";

/** How the calls of a client travel and what they carry besides their input. */
export interface Wiring {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The longest that a call may take, unless the call or its route says otherwise. */
  readonly timeoutMs?: number;
  /** Asked at each call. */
  readonly passOn?: () => PassedOn;
  /** Without it, each call is made once, whatever became of those before. */
  readonly guard?: Pick<CallGuard, "send">;
}

/** What a call takes over from where it is made. */
export interface PassedOn {
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 by which whoever waits for the caller needs the answer. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** The default of `timeoutMs`: no call waits for ever. */
export const callTimeoutMsDefault = 30_000;

/** Timers know no longer time; a longer one would fire at once. */
const timerMsMax = 2_147_483_647;

/** One `Call` a route: the same for every transport, so that a call is the same wherever its service runs. */
export function makeClient<R extends Routes>(contract: Contract<string, R>, wiring: Wiring): Client<R> {
  const calls = Object.entries(contract.routes).map(([name, route]) => {
    const asked = { service: contract.name, name, route };
    const tryIt = (input: AnyInput = {}, options: CallOptions = {}) => ask(asked, wiring, input, options);
    const call = async (input?: AnyInput, options?: CallOptions) => unwrapped(asked, await tryIt(input, options));
    return [name, Object.assign(call, { try: tryIt })] as const;
  });
  return Object.fromEntries(calls) as unknown as Client<R>;
}

async function ask(
  asked: Asked,
  wiring: Wiring,
  input: AnyInput,
  options: CallOptions,
): Promise<Result<unknown, Failure>> {
  const { clock, timeoutMs, passOn } = wiring;
  const passed = passOn?.() ?? { headers: {} };
  const allowedMs = Math.min(options.timeoutMs ?? timeoutMs ?? routeTimeoutMs(asked.route), timerMsMax);
  const deadlineMs = Math.min(clock.now() + allowedMs, passed.deadlineMs ?? Number.POSITIVE_INFINITY);
  const encoded = encodeCall(asked.route, input);
  const wait = new Wait(clock, deadlineMs, [options.signal, passed.signal]);
  const call = (): WireCall => ({
    service: asked.service,
    route: asked.name,
    method: asked.route.method,
    ...encoded,
    headers: { ...passed.headers, ...ownHeaders(asked.route, encoded.body, wait.leftMs(), options) },
    signal: wait.signal,
  });
  const hasIdempotencyKey = options.idempotencyKey !== undefined;
  const attempted = await answerInTime(asked, wiring, wait, { call, hasIdempotencyKey });
  const { answer } = attempted;
  if (!answer) return { ok: false, failure: noAnswer(asked, attempted) };
  try {
    return await decodeAnswer(asked, answer, wait, clock.now());
  } catch (error) {
    wait.leave();
    throw error;
  }
}

/** Throws the caller's reason where it gave up. */
async function answerInTime(
  asked: Asked,
  { transport, clock, guard }: Wiring,
  wait: Wait,
  { call, hasIdempotencyKey }: { readonly call: () => WireCall; readonly hasIdempotencyKey: boolean },
): Promise<Attempted> {
  let attempted: Attempted | undefined;
  try {
    if (wait.gaveUp()) throw wait.signal.reason;
    if (wait.leftMs() <= 0) return noTimeLeft;
    const once = () => attempt(transport, call(), wait, clock);
    attempted = guard ? await guard.send({ asked, wait, hasIdempotencyKey, attempt: once }) : await once();
    return attempted;
  } finally {
    if (attempted?.answer && lasts(attempted.answer.body)) wait.forgetDeadline();
    else wait.end();
  }
}

const noTimeLeft: NoAnswer = { because: "its caller had no time left", sent: false, late: true };

function noAnswer({ service }: Asked, { because, retryAfterMs = retryAfterMsDefault }: NoAnswer): Failure {
  return unavailable({ service, retryAfterMs, because });
}

function unwrapped({ route }: Asked, result: Result<unknown, Failure>): unknown {
  if (result.ok) return result.value;
  const { failure } = result;
  const kind = route.options.fails?.find(({ code }) => code === failure.code) ?? unavailable;
  throw new CallFailed(failure, kind.text.title);
}

function ownHeaders(
  route: Route,
  body: string | undefined,
  leftMs: number,
  options: CallOptions,
): Readonly<Record<string, string>> {
  const kind = isReply(route.options.returns) ? route.options.returns.kind : "value";
  // What goes on after its answer has begun must not be stopped by the other side at the deadline of its beginning.
  const lasting = kind === "events" || kind === "socket";
  return {
    // Browsers send no header of ours with a WebSocket.
    ...(kind === "socket" ? {} : { accept: kind === "events" ? "text/event-stream" : "application/json" }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(lasting ? {} : { [header.timeout]: String(Math.max(1, Math.floor(leftMs))) }),
    ...(options.idempotencyKey === undefined ? {} : { [header.idempotencyKey]: options.idempotencyKey }),
  };
}

function routeTimeoutMs({ options: { timeout } }: Route): number {
  return timeout === undefined ? callTimeoutMsDefault : milliseconds(timeout);
}
