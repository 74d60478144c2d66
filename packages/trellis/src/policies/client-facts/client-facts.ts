import type { RequestClient } from "../../model/request-client.ts";
import type { Salts } from "./salts.ts";

/** Tells the country of an address: a `CountryTable`, or nobody. */
export interface CountryLookup {
  of(ip: string): string;
}

/** Makes the coarse facts of clients, the same in every process that has the same table and salts. */
export class ClientFacts {
  readonly #countries: CountryLookup;
  readonly #salts: Salts;

  constructor(countries: CountryLookup, salts: Salts) {
    this.#countries = countries;
    this.#salts = salts;
  }

  /** Nothing is made before it is read. */
  of(ip: string, userAgent: string, nowMs: number): RequestClient {
    return new LazyClient(this.#countries, this.#salts, ip, userAgent, nowMs);
  }
}

class LazyClient implements RequestClient {
  readonly #countries: CountryLookup;
  readonly #salts: Salts;
  readonly #ip: string;
  readonly #userAgent: string;
  readonly #nowMs: number;

  constructor(countries: CountryLookup, salts: Salts, ip: string, userAgent: string, nowMs: number) {
    this.#countries = countries;
    this.#salts = salts;
    this.#ip = ip;
    this.#userAgent = userAgent;
    this.#nowMs = nowMs;
  }

  get country(): string {
    return this.#countries.of(this.#ip);
  }

  get visitor(): number | undefined {
    return this.#salts.at(this.#nowMs)?.of(this.#ip, this.#userAgent);
  }
}
