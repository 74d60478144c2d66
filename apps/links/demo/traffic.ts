import type { TrafficData } from "./traffic-data.ts";

/** One click to be. */
export interface Visit {
  /** Which of the links. */
  readonly link: number;
  readonly method: "GET" | "HEAD";
  readonly ip: string;
  readonly userAgent: string;
  readonly referer: string | undefined;
}

interface Person {
  readonly ip: string;
  readonly userAgent: string;
}

/** Of a hundred clicks: people, then robots; the rest only asks whether the link is still there. */
const shares = { people: 0.78, robots: 0.2 } as const;

/** Everybody comes some five times. */
const peopleMax = 40_000;

/** Clicks as they come in the wild: a few links are followed by nearly everybody (Zipf's law), from all countries. */
export class Traffic {
  readonly #data: TrafficData;
  readonly #random: () => number;
  readonly #links: readonly number[];
  readonly #browsers: readonly number[];
  readonly #people: Person[] = [];

  constructor(data: TrafficData, links: number, random: () => number) {
    this.#data = data;
    this.#random = random;
    this.#links = sums(Array.from({ length: links }, (_, rank) => 1 / (rank + 1)));
    this.#browsers = sums(data.browsers.map(({ weight }) => weight));
  }

  next(): Visit {
    const link = this.#drawn(this.#links);
    const kind = this.#random();
    if (kind < shares.people) return { link, method: "GET", ...this.#person(), referer: this.#referer() };
    const { robots } = this.#data;
    const userAgent = robots[this.#below(robots.length)] ?? "";
    const method = kind < shares.people + shares.robots ? "GET" : "HEAD";
    return { link, method, ip: this.#address(), userAgent, referer: undefined };
  }

  #person(): Person {
    const known = this.#people[this.#below(peopleMax)];
    if (known) return known;
    const userAgent = this.#data.browsers[this.#drawn(this.#browsers)]?.userAgent ?? "";
    const person = { ip: this.#address(), userAgent };
    this.#people.push(person);
    return person;
  }

  /** Half of all people come from nowhere in particular, most others from a few sites. */
  #referer(): string | undefined {
    if (this.#random() < 0.5) return undefined;
    const { referrers } = this.#data;
    const place = Math.floor(referrers.length ** this.#random()) - 1;
    return `https://${referrers[place]}/`;
  }

  #address(): string {
    const { networks } = this.#data;
    const [first, last] = networks[this.#below(networks.length)] ?? [0, 0];
    const address = first + this.#below(last - first + 1);
    return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** The place of one of the weights, by chance. */
  #drawn(cumulated: readonly number[]): number {
    const wanted = this.#random() * (cumulated.at(-1) ?? 0);
    let [low, high] = [0, cumulated.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulated[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function sums(weights: readonly number[]): readonly number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}
