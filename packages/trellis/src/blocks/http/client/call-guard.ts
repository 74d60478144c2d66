import type { Clock, Random } from "../../../model/clock.ts";
import type { Counter, Metrics } from "../../../model/metrics.ts";
import { backoffMs } from "../../../policies/backoff.ts";
import { Bulkhead } from "../../../policies/bulkhead.ts";
import { CircuitBreaker, refused } from "../../../policies/circuit-breaker.ts";
import { mayRetry, type TryFailure } from "../../../policies/may-retry.ts";
import { RetryBudget } from "../../../policies/retry-budget.ts";
import type { CallsLook } from "../port.ts";
import type { Attempted } from "./attempt.ts";
import { callsWaitingMax, retryPause } from "./call-limits.ts";
import { type Asked, retryAfterMsDefault, saysUnavailable } from "./decode-problem.ts";
import type { Wait } from "./wait.ts";

export interface CallGuardOptions {
  /** The service that calls, and the one that is called. */
  readonly from: string;
  readonly to: string;
  /** So many under way at once. */
  readonly atOnce: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
}

/** A call that is to be made, as often as the guard says. */
export interface GuardedCall {
  readonly asked: Asked;
  readonly wait: Wait;
  readonly hasIdempotencyKey: boolean;
  readonly attempt: () => Promise<Attempted>;
}

type Outcome = "answered" | "unavailable" | "refused";

/**
 * Stands between one service and another that it calls: bounds how many calls are under way, stops asking one that does
 * not answer, and repeats what may be repeated within the caller's time and a budget. So a service that is down or slow
 * costs its callers what they use it for, and nothing else.
 */
export class CallGuard {
  readonly #options: CallGuardOptions;
  readonly #bulkhead: Bulkhead<() => void>;
  readonly #circuit: CircuitBreaker;
  readonly #budget = new RetryBudget();
  readonly #counts: Readonly<Record<Outcome, Counter>>;
  readonly #retries: Counter;

  constructor(options: CallGuardOptions) {
    const { from, to, atOnce, random, metrics } = options;
    this.#options = options;
    this.#bulkhead = new Bulkhead({ concurrencyMax: atOnce, queueMax: callsWaitingMax });
    this.#circuit = new CircuitBreaker(random);
    const count = (outcome: Outcome): Counter =>
      metrics.counter("trellis_calls_total", "Calls of services to others, by what became of them.", {
        service: from,
        to,
        outcome,
      });
    this.#counts = { answered: count("answered"), unavailable: count("unavailable"), refused: count("refused") };
    this.#retries = metrics.counter("trellis_calls_retries_total", "Calls that were made once more.", {
      service: from,
      to,
    });
  }

  /** Throws what the attempts throw, and the caller's reason where it gives up while it waits. */
  async send(call: GuardedCall): Promise<Attempted> {
    if (!this.#bulkhead.tryEnter() && !(await this.#placeFor(call.wait))) return this.#refusal(this.#crowd(), call);
    try {
      // Whoever had the place before may have run out of time at the same moment.
      if (call.wait.leftMs() <= 0) return this.#refusal(this.#crowd(), call);
      return await this.#sendThroughCircuit(call);
    } finally {
      this.#bulkhead.leave(this.#options.clock.now())?.();
    }
  }

  look(): CallsLook {
    const { from, to, clock } = this.#options;
    const { state, because, retryAt } = this.#circuit.status(clock.now());
    return {
      from,
      to,
      circuit: state,
      ...(because === undefined ? {} : { because }),
      ...(retryAt === undefined ? {} : { retryAt }),
      underWay: this.#bulkhead.running,
      waiting: this.#bulkhead.waiting,
    };
  }

  async #sendThroughCircuit(call: GuardedCall): Promise<Attempted> {
    const { clock } = this.#options;
    const pass = this.#circuit.enter(clock.now());
    if (pass === refused) {
      const { because = "" } = this.#circuit.status(clock.now());
      return this.#refusal(`it is not asked for now: ${because}`, call);
    }
    let outcome: "succeeded" | "failed" | "abandoned" = "abandoned";
    let why: string | undefined;
    try {
      const attempted = await this.#tryAsOftenAsUseful(call);
      why = whyUnavailable(call.asked, attempted);
      outcome = why === undefined ? "succeeded" : "failed";
      this.#counts[why === undefined ? "answered" : "unavailable"].add();
      return attempted;
    } finally {
      this.#circuit.leave(pass, outcome, clock.now(), why);
    }
  }

  async #tryAsOftenAsUseful(call: GuardedCall): Promise<Attempted> {
    const { clock, random } = this.#options;
    this.#budget.deposit(clock.now());
    for (let tries = 1; ; tries++) {
      const attempted = await call.attempt();
      if (!isWorthAnother(call, attempted, tries)) return attempted;
      const pauseMs = backoffMs(tries, random, retryPause);
      if (call.wait.leftMs() <= pauseMs || !this.#budget.withdraw(clock.now())) return attempted;
      if (!(await this.#pause(pauseMs, call.wait))) return attempted;
      this.#retries.add();
    }
  }

  /** Resolves with false when time ran out. */
  async #pause(ms: number, wait: Wait): Promise<boolean> {
    const over = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(ms, over.resolve);
    try {
      await wait.for(over.promise);
      return true;
    } catch (error) {
      if (wait.gaveUp()) throw error;
      return false;
    } finally {
      timer.cancel();
    }
  }

  /** False where too many wait already, or time ran out. */
  #placeFor(wait: Wait): Promise<boolean> {
    const { signal } = wait;
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      // Whoever waits leaves by itself at its deadline, so the queue need not know it.
      const ticket = this.#bulkhead.wait(enter, Number.POSITIVE_INFINITY, this.#options.clock.now());
      const leave = (): void => {
        if (ticket) this.#bulkhead.abandon(ticket);
        if (wait.gaveUp()) reject(signal.reason);
        else resolve(false);
      };
      if (!ticket || signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    });
  }

  #crowd(): string {
    return `${this.#bulkhead.running} calls to it are under way and ${this.#bulkhead.waiting} wait`;
  }

  #refusal(because: string, { wait }: GuardedCall): Attempted {
    this.#counts.refused.add();
    const retryAfterMs = this.#circuit.retryAfterMs(this.#options.clock.now()) || retryAfterMsDefault;
    return { because, sent: false, late: wait.leftMs() <= 0, retryAfterMs };
  }
}

/** Why an answer, or none, counts against the service; undefined where nothing speaks against it. */
function whyUnavailable(asked: Asked, attempted: Attempted): string | undefined {
  if (!attempted.answer) return attempted.because;
  return saysUnavailable(asked, attempted.answer) ? `it answered ${attempted.answer.status}` : undefined;
}

function isWorthAnother({ asked, hasIdempotencyKey }: GuardedCall, attempted: Attempted, tries: number): boolean {
  const failure = failureOf(asked, attempted);
  if (failure === undefined) return false;
  const sent = attempted.answer !== undefined || attempted.sent;
  const { method } = asked.route;
  return mayRetry({ method, sent, repeatable: true, answered: false, hasIdempotencyKey, tries, failure });
}

/** Undefined where another try is of no use: it was answered, said itself when to come again, or took all the time. */
function failureOf(asked: Asked, attempted: Attempted): TryFailure | undefined {
  const { answer } = attempted;
  if (!answer) return attempted.late ? undefined : attempted.sent ? "reset" : "connect";
  const saysWhen = answer.headers["retry-after"] !== undefined;
  return saysUnavailable(asked, answer) && answer.status !== 504 && !saysWhen ? "unavailable" : undefined;
}
