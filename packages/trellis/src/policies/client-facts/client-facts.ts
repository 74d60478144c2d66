import type { RequestClient } from "../../model/request-client.ts";
import { Fingerprints } from "./fingerprints.ts";
import type { Salts } from "./salts.ts";

/** Tells the country of an address: a `CountryTable`, or nobody. */
export interface CountryLookup {
  of(ip: string): string;
}

/** Makes the coarse facts of clients, the same in every process that has the same table and salts. */
export class ClientFacts {
  readonly #countries: CountryLookup;
  readonly #salts: Salts;
  readonly #fingerprints = new Fingerprints();

  constructor(countries: CountryLookup, salts: Salts) {
    this.#countries = countries;
    this.#salts = salts;
  }

  /** Nothing is made before it is read. */
  of(ip: string, userAgent: string, nowMs: number): RequestClient {
    return new LazyClient(this, ip, userAgent, nowMs);
  }

  countryOf(ip: string): string {
    return this.#countries.of(ip);
  }

  visitorOf(ip: string, userAgent: string, nowMs: number): number | undefined {
    return this.#salts.at(nowMs)?.of(ip, this.#fingerprints.of(userAgent));
  }
}

class LazyClient implements RequestClient {
  readonly #facts: ClientFacts;
  readonly #ip: string;
  readonly #userAgent: string;
  readonly #nowMs: number;

  constructor(facts: ClientFacts, ip: string, userAgent: string, nowMs: number) {
    this.#facts = facts;
    this.#ip = ip;
    this.#userAgent = userAgent;
    this.#nowMs = nowMs;
  }

  get country(): string {
    return this.#facts.countryOf(this.#ip);
  }

  get visitor(): number | undefined {
    return this.#facts.visitorOf(this.#ip, this.#userAgent, this.#nowMs);
  }
}
