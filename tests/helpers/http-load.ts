import { Agent, type IncomingMessage, request } from "node:http";
import { onTestFinished } from "vitest";

export interface Load {
  /** Bodies of the answers so far that were no failure. */
  readonly answers: readonly string[];
  /** What went wrong: an error's code, or a status of 500 and more. */
  readonly failures: readonly string[];
  /** Resolves when so many more have been answered, or have failed. */
  more(count: number): Promise<void>;
  /** Resolves when those under way are answered. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Requests at once. */
  readonly workers: number;
  /** A connection for each request, rather than for each worker. */
  readonly newConnections?: boolean;
}

/** GET after GET, without a pause, until the test says so. No request is repeated. */
export function startLoad(url: string, { workers, newConnections = false }: LoadOptions): Load {
  const load = new RunningLoad(url, newConnections);
  const running = Promise.all(Array.from({ length: workers }, () => load.work()));
  const stop = async () => {
    load.end();
    await running;
    load.close();
  };
  onTestFinished(stop);
  return { answers: load.answers, failures: load.failures, more: (count) => load.more(count), stop };
}

class RunningLoad {
  readonly answers: string[] = [];
  readonly failures: string[] = [];
  readonly #url: string;
  readonly #agent: Agent;
  #ended = false;
  #waiting: { readonly at: number; readonly resolve: () => void }[] = [];

  constructor(url: string, newConnections: boolean) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: !newConnections });
  }

  async work(): Promise<void> {
    while (!this.#ended) {
      await get(this.#url, this.#agent).then(
        ({ status, body }) => (status < 500 ? this.answers.push(body) : this.failures.push(`${status} ${body}`)),
        (error: NodeJS.ErrnoException) => this.failures.push(`${error.code} ${error.message}`),
      );
      this.#wake();
    }
  }

  more(count: number): Promise<void> {
    const at = this.#done + count;
    return new Promise((resolve) => this.#waiting.push({ at, resolve }));
  }

  end(): void {
    this.#ended = true;
  }

  close(): void {
    this.#agent.destroy();
  }

  get #done(): number {
    return this.answers.length + this.failures.length;
  }

  #wake(): void {
    const due = this.#waiting.filter(({ at }) => at <= this.#done);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#done);
    for (const { resolve } of due) resolve();
  }
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** One GET. Rejects where the connection ends before the whole answer is here. */
export function get(url: string, agent: Agent | false = false): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asking.once("error", reject);
    asking.end();
  });
}
