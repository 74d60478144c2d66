import { isPanic } from "../pool-status.ts";
import type { Algorithm } from "./algorithm.ts";
import type { Balancer, BalancerName, Member, MemberStats, Outcome, Wish } from "./balancer.ts";
import { weightMax } from "./limits.ts";
import { Seat } from "./seat.ts";

/** What all ways of balancing have in common: who can be asked, and what is known of each. */
export class PoolBalancer implements Balancer {
  readonly name: BalancerName;
  readonly #algorithm: Algorithm;
  readonly #slowStartMs: number;
  readonly #seats = new Map<string, Seat>();
  /** In the order in which they were given. */
  #members: readonly Seat[] = [];
  /** Those among whom a request is spread. */
  #first: readonly Seat[] = [];
  /** Those that a retry can go to when all of the first were tried. */
  #second: readonly Seat[] = [];
  #panics = false;

  constructor(name: BalancerName, algorithm: Algorithm, slowStartMs: number) {
    this.name = name;
    this.#algorithm = algorithm;
    this.#slowStartMs = slowStartMs;
  }

  get panics(): boolean {
    return this.#panics;
  }

  setMembers(members: readonly Member[]): void {
    for (const { id, weight } of members)
      if (!(weight > 0 && weight <= weightMax))
        throw new RangeError(`The weight of ${id} is ${weight}; it is more than 0 and at most ${weightMax}.`);
    for (const seat of this.#members) seat.left = true;
    this.#members = members.map((member) => this.#seatOf(member));
    for (const seat of this.#seats.values()) this.#forgetWhenDone(seat);
    this.#group();
    const inOrder = [...this.#members].sort((one, two) => (one.id < two.id ? -1 : 1));
    this.#algorithm.poolChanged?.(inOrder);
  }

  pick(wish: Wish): string | undefined {
    const { avoid } = wish;
    if (avoid !== undefined && avoid.length > 0) return this.#pickAnother(wish, avoid);
    return this.#choose(this.#first, wish);
  }

  started(id: string): void {
    const seat = this.#seats.get(id);
    if (seat) seat.pending += 1;
  }

  finished(id: string, now: number, outcome: Outcome): void {
    const seat = this.#seats.get(id);
    if (!seat) return;
    if (outcome.failed) seat.cost.failed(outcome.tookMs, now);
    else seat.cost.measured(outcome.tookMs, now);
    seat.success.answered(outcome.failed, now);
    this.#done(seat);
  }

  abandoned(id: string): void {
    const seat = this.#seats.get(id);
    if (seat) this.#done(seat);
  }

  sticky(cookieValue: string): string | undefined {
    for (const seat of this.#first) if (seat.stickyValue === cookieValue) return seat.id;
    return undefined;
  }

  stats(now: number): readonly MemberStats[] {
    return this.#members.map((seat) => seat.statsAt(now));
  }

  #seatOf(member: Member): Seat {
    const seat = this.#seats.get(member.id) ?? new Seat(member.id);
    this.#seats.set(member.id, seat);
    seat.take(member, this.#slowStartMs);
    return seat;
  }

  #done(seat: Seat): void {
    if (seat.pending > 0) seat.pending -= 1;
    if (seat.left) this.#forgetWhenDone(seat);
  }

  #forgetWhenDone(seat: Seat): void {
    if (seat.left && seat.pending === 0) this.#seats.delete(seat.id);
  }

  /** Primaries that are usable, in a panic all of them; without any, backups; without these, whoever is not closed. */
  #group(): void {
    const primaries = this.#members.filter(({ backup, status }) => !backup && status !== "closed");
    const usable = primaries.filter(({ status }) => status === "usable");
    const backups = this.#members.filter(({ backup, status }) => backup && status !== "closed");
    const usableBackups = backups.filter(({ status }) => status === "usable");
    const primariesPanic = isPanic(usable.length, primaries.length - usable.length);
    [this.#first, this.#second] = [[], []];
    if (usable.length > 0) [this.#first, this.#second] = [primariesPanic ? primaries : usable, usableBackups];
    else if (usableBackups.length > 0) this.#first = usableBackups;
    else this.#first = primaries.length > 0 ? primaries : backups;
    this.#panics = this.#first.some(({ status }) => status === "suspect");
    for (const seat of this.#members) seat.turn = 0;
  }

  #pickAnother(wish: Wish, avoid: readonly string[]): string | undefined {
    const untried = (seat: Seat) => !avoid.includes(seat.id);
    return this.#choose(this.#first.filter(untried), wish) ?? this.#choose(this.#second.filter(untried), wish);
  }

  #choose(seats: readonly Seat[], wish: Wish): string | undefined {
    if (seats.length > 1) return this.#algorithm.choose(seats, wish).id;
    return seats[0]?.id;
  }
}
