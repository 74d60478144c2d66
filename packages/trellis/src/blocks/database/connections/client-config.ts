import pg from "pg";
import { clientCheckMs, idleInTransactionMs } from "./limits.ts";

export interface ConnectionSettings {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or with `?host=FOLDER` for a socket in the file system. */
  readonly url: string;
  /** First on the search path; `public` comes second, for extensions. */
  readonly schema: string;
  /** Further settings of the session, as the server's `options` writes them: `-c jit=off`. */
  readonly options?: string;
  /** What the connection is called in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Kept by the server, so that no statement goes on for nobody. 0: none. */
  readonly statementTimeoutMs: number;
  /** The longest wait for a connection: for the server, or for a free one of a pool. */
  readonly waitMs: number;
}

/** What `pg` needs for such a connection. */
export function clientConfig(settings: ConnectionSettings): pg.ClientConfig {
  return {
    connectionString: withOptions(settings),
    application_name: settings.applicationName,
    statement_timeout: settings.statementTimeoutMs,
    idle_in_transaction_session_timeout: settings.statementTimeoutMs === 0 ? 0 : idleInTransactionMs,
    connectionTimeoutMillis: settings.waitMs,
    keepAlive: true,
    pipeline: true,
    types: { getTypeParser },
  };
}

/**
 * A session starts with its search path: setting it afterwards would cost a round trip, and could be forgotten. What runs
 * for a process that was killed is given up: otherwise a migration would hold its lock until its statement ends.
 */
function withOptions({ url, schema, options = "" }: ConnectionSettings): string {
  const address = new URL(url);
  const given = address.searchParams.get("options") ?? "";
  const session = `-c search_path="${schema}",public -c client_connection_check_interval=${clientCheckMs}`;
  address.searchParams.set("options", `${given} ${session} ${options}`.trim());
  return address.href;
}

type Parser = (text: string) => unknown;

const { builtins } = pg.types;
const known = pg.types.getTypeParser as (oid: number, format: "text" | "binary") => Parser;
/** Not among pg's `builtins`. */
const int8Array = 1016;

const asText: Parser = (text) => text;
const asBigInt: Parser = (text) => BigInt(text);
const asBigInts: Parser = (text) => bigInts(known(int8Array, "text")(text));

type BigInts = bigint | null | readonly BigInts[];
const bigInts = (value: unknown): BigInts =>
  Array.isArray(value) ? value.map(bigInts) : value === null ? null : BigInt(String(value));

const ours = new Map<number, Parser>([
  [builtins.INT8, asBigInt],
  [int8Array, asBigInts],
  [builtins.DATE, asText],
  [builtins.TIMESTAMP, asText],
]);

/**
 * `pg` would give `int8` as text, and `date` and `timestamp` as moments of this machine's time zone. Here `int8` is a
 * `bigint`; days and clock times stay text, since they are no moments; `timestamptz` is a `Date`, as in `pg`.
 */
const getTypeParser = ((oid: number, format: "text" | "binary" = "text") =>
  (format === "text" && ours.get(oid)) || known(oid, format)) as typeof pg.types.getTypeParser;
