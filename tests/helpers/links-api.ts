import { scopeOf } from "trellis/block";
import { startTestApp, type TestApp } from "trellis/testing";
import { expect } from "vitest";
import config from "../../trellis.config.ts";

/** Links on two instances, asked over HTTP as a stranger would: with anything in the body and the headers. */
export class LinksApi {
  readonly app: TestApp;
  readonly key: string;
  #asked = 0;

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<LinksApi> {
    const app = await startTestApp(config, { environment });
    return new LinksApi(app, await app.key(["links:read", "links:write"]));
  }

  private constructor(app: TestApp, key: string) {
    this.app = app;
    this.key = key;
  }

  /** Where an instance answers: each in its turn, unless one is chosen. */
  url(instance = this.#asked++): string {
    return this.app.instances[instance % this.app.instances.length]?.privateUrl ?? "";
  }

  /** Asks as somebody who may read and write; `authorization: ""` asks as nobody. */
  ask(path: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const { authorization = `Bearer ${this.key}`, ...others } = headers ?? {};
    return fetch(this.url() + path, {
      redirect: "manual",
      ...init,
      headers: { ...(authorization ? { authorization } : {}), ...others },
    });
  }

  send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.ask(path, {
      method,
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  }

  shorten(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.send("POST", "/v1/links", body, headers);
  }

  /** Makes a link that is there, and returns its code. */
  async make(alias: string, target = "https://example.com/"): Promise<string> {
    const answer = await this.shorten({ target, alias });
    expect(answer.status).toBe(201);
    return alias;
  }

  /** Everything that Links and its idempotency keys have in the database. */
  async stored(): Promise<unknown> {
    const [found] = await this.#query(
      `select (select jsonb_agg(l order by id) from links.link l) as links,
              (select jsonb_agg(v order by link_id, version) from links.link_version v) as versions,
              (select count(*)::int from trellis.once) as kept`,
    );
    return found;
  }

  /** Statements that still wait in a transaction: there are none when nobody asks. */
  async openTransactions(): Promise<number> {
    const [found] = await this.#query<{ open: number }>(
      `select count(*)::int as open from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`,
    );
    return found?.open ?? Number.NaN;
  }

  /**
   * Runs a statement, such as one that locks, in a transaction that lasts until it is let go. The transaction is the
   * second instance's, so that the first one has every connection of its own.
   */
  async hold(statement: string): Promise<{ letGo(): Promise<void> }> {
    const held = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const transaction = this.app.instances[1]?.opened.database.transaction(async (tx) => {
      await scopeOf(tx).query(statement);
      held.resolve();
      await end.promise;
    });
    await Promise.race([held.promise, transaction]);
    return {
      letGo: async () => {
        end.resolve();
        await transaction;
      },
    };
  }

  stop(): Promise<void> {
    return this.app.stop();
  }

  async #query<Row extends object>(text: string): Promise<readonly Row[]> {
    const [first] = this.app.instances;
    if (!first) throw new Error("There are two instances");
    return first.opened.database.platform.query<Row>(text);
  }
}
