import type { Stopwatch } from "../../../model/clock.ts";
import type { Counter, Histogram, Labels, Metrics } from "../../../model/metrics.ts";

/** How a request came: from outside, or from another service of this process. */
export type Way = "http" | "process";

/** What is counted of the answers of one route that came one way. Made once, so that an answer costs a few additions. */
export class RouteFigures {
  readonly #metrics: Metrics;
  readonly #labels: Labels;
  readonly #now: Stopwatch;
  /** By the first digit of the status; made when there is the first one. */
  readonly #answers: (Counter | undefined)[] = [];
  readonly #received: Counter;
  readonly #sent: Counter;
  #seconds: Histogram | undefined;
  #waiting = 0;
  #begun = 0;

  constructor(metrics: Metrics, labels: Labels, now: Stopwatch) {
    this.#metrics = metrics;
    this.#labels = labels;
    this.#now = now;
    this.#received = metrics.counter(
      "trellis_http_received_bytes_total",
      "Bytes of requests, heads and bodies; of calls in process their bodies.",
      labels,
    );
    this.#sent = metrics.counter(
      "trellis_http_sent_bytes_total",
      "Bytes of answers, heads and bodies; of calls in process their bodies.",
      labels,
    );
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** All requests that came, with an answer or not yet. */
  get begun(): number {
    return this.#begun;
  }

  get labels(): Labels {
    return this.#labels;
  }

  /** A request has come. Returns when, for `answered`. */
  arrived(): number {
    this.#waiting += 1;
    this.#begun += 1;
    return this.#now();
  }

  /** Its answer has left. */
  answered(arrivedMs: number, status: number, receivedBytes: number, sentBytes: number): void {
    this.#waiting -= 1;
    this.count(status, receivedBytes, sentBytes);
    this.#seconds ??= this.#histogram();
    this.#seconds.record((this.#now() - arrivedMs) / 1_000);
  }

  /** An answer that nobody has to wait for. */
  count(status: number, receivedBytes: number, sentBytes: number): void {
    const first = Math.trunc(status / 100);
    this.#answers[first] ??= this.#counter(first);
    this.#answers[first].add();
    this.#received.add(receivedBytes);
    this.#sent.add(sentBytes);
  }

  /** More of an answer that lasts. */
  sent(bytes: number): void {
    this.#sent.add(bytes);
  }

  #histogram(): Histogram {
    return this.#metrics.histogram(
      "trellis_http_answer_seconds",
      "From a request's head to its answer, or to the beginning of an answer that lasts.",
      this.#labels,
    );
  }

  #counter(first: number): Counter {
    const labels = { ...this.#labels, status: `${first}xx` };
    return this.#metrics.counter("trellis_http_answers_total", "Answers, by the first digit of their status.", labels);
  }
}

/** The figures of all routes of an instance. */
export class HttpFigures {
  readonly #metrics: Metrics;
  readonly #now: Stopwatch;
  readonly #routes: RouteFigures[] = [];

  constructor(metrics: Metrics, now: Stopwatch) {
    this.#metrics = metrics;
    this.#now = now;
    metrics.gauge("trellis_http_waiting", "Requests that have no answer yet.", () =>
      this.#routes.map(({ labels, waiting }) => ({ labels, value: waiting })),
    );
  }

  /** Requests for routes, health checks and the platform's own answers not among them. */
  get begun(): number {
    return this.#routes.reduce((sum, route) => sum + route.begun, 0);
  }

  of(service: string, route: string, way: Way): RouteFigures {
    const figures = new RouteFigures(this.#metrics, { service, route, way }, this.#now);
    this.#routes.push(figures);
    return figures;
  }
}
