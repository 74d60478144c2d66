import type { Balancer } from "../../policies/balancing/balancer.ts";
import { isEventStream } from "../event-stream-answer.ts";
import type { HeaderList } from "../exchange.ts";
import type { Surroundings, Watched } from "./deadline-watch.ts";
import { LastingAnswer } from "./lasting-answer.ts";
import type { Pool } from "./pool.ts";
import type { PoolMember } from "./pool-member.ts";

/** Read at once and not kept by balancers, so that one is enough. */
const outcome = { tookMs: 0, failed: false };

/** A member that is being asked, from the choice of it to the end of its answer. Ends once, by `finished` or `abandoned`. */
export class AskedMember {
  readonly member: PoolMember;
  readonly beganMs: number;
  readonly #pool: Pool;
  readonly #balancer: Balancer;
  readonly #surroundings: Surroundings;
  #headMs: number | undefined;
  #stream: Watched | undefined;
  #isLasting = false;

  constructor(member: PoolMember, pool: Pool, balancer: Balancer, surroundings: Surroundings, now: number) {
    this.member = member;
    this.beganMs = now;
    this.#pool = pool;
    this.#balancer = balancer;
    this.#surroundings = surroundings;
    balancer.started(member.id);
    member.pending += 1;
    member.requests += 1;
  }

  /** It has begun to answer: with these headers, where more follows. */
  answers(now: number, headers: HeaderList | undefined): void {
    this.#headMs = now;
    this.member.latency.add(now - this.beganMs, now);
    if (headers && isEventStream(headers)) this.#mayLast(now);
  }

  /**
   * Its answer has no end of its own: nobody waits for it, and whoever ends the member leaves it to that one to end it
   * well.
   */
  lasts(): void {
    this.#isLasting = true;
    this.#left();
  }

  /** It has answered all of it, or failed by its own fault. */
  finished(now: number, failed: boolean): void {
    const { id } = this.member;
    outcome.tookMs = (this.#headMs ?? now) - this.beganMs;
    outcome.failed = failed;
    this.#balancer.finished(id, now, outcome);
    if (failed) this.member.failures += 1;
    this.#pool.answered(id, failed, now);
    if (this.#stream) this.#surroundings.watch.remove(this.#stream);
    if (!this.#isLasting) this.#left();
  }

  /** Nobody waits for its answer any more. */
  abandoned(now: number): void {
    if (this.#headMs !== undefined) {
      this.finished(now, false);
      return;
    }
    this.#balancer.abandoned(this.member.id);
    this.#left();
  }

  /** Some streams of events end soon, and are waited for like any answer; others never do. */
  #mayLast(now: number): void {
    const { watch, lastingMs } = this.#surroundings;
    this.#stream = new LastingAnswer(now + lastingMs, () => this.lasts());
    watch.add(this.#stream);
  }

  #left(): void {
    this.member.pending -= 1;
    if (this.member.pending === 0) this.#pool.becameIdle(this.member);
  }
}
