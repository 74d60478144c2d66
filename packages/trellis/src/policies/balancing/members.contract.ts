import type { Balancer, Member, Wish } from "./balancer.ts";

/** A member that is warm and well, unless said otherwise. */
export function member(id: string, changes: Partial<Member> = {}): Member {
  return { id, weight: 1, backup: false, status: "usable", joinedAt: Number.NEGATIVE_INFINITY, ...changes };
}

/** How often each member is picked in `count` picks of requests that are answered at once. */
export function countPicks(balancer: Balancer, count: number, wishOf: (nth: number) => Wish = wishOfNth): Counts {
  const counts: Record<string, number> = {};
  for (let nth = 0; nth < count; nth++) {
    const id = balancer.pick(wishOf(nth)) ?? "nobody";
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

/** Each a client of its own network, which is also a key of its own. */
export function wishOfNth(nth: number): Wish {
  return { now: 0, key: `10.${nth >> 8}.${nth & 255}.1` };
}

type Counts = Readonly<Record<string, number>>;
