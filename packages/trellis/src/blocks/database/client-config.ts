import pg from "pg";

export interface ConnectionSettings {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or with `?host=FOLDER` for a socket in the file system. */
  readonly url: string;
  /** First on the search path; `public` comes second, for extensions. */
  readonly schema: string;
  /** What the connection is called in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Kept by the server, so that no statement goes on for nobody. 0: none. */
  readonly statementTimeoutMs: number;
  /** The longest that one attempt to connect may take. */
  readonly connectTimeoutMs: number;
}

/** What `pg` needs for such a connection. */
export function clientConfig(settings: ConnectionSettings): pg.ClientConfig {
  return {
    connectionString: withSearchPath(settings.url, settings.schema),
    application_name: settings.applicationName,
    statement_timeout: settings.statementTimeoutMs,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
    types: { getTypeParser },
  };
}

/** A session starts with its search path: setting it afterwards would cost a round trip, and could be forgotten. */
function withSearchPath(url: string, schema: string): string {
  const address = new URL(url);
  const given = address.searchParams.get("options") ?? "";
  address.searchParams.set("options", `${given} -c search_path="${schema}",public`.trim());
  return address.href;
}

const { builtins } = pg.types;
/** Not among pg's `builtins`. */
const int8Array: number = 1016;
const asText = (text: string): string => text;
const asBigInt = (text: string): bigint => BigInt(text);

type BigInts = bigint | null | readonly BigInts[];
const bigInts = (value: unknown): BigInts =>
  Array.isArray(value) ? value.map(bigInts) : value === null ? null : BigInt(String(value));

/**
 * `pg` would give `int8` as text, and `date` and `timestamp` as moments of this machine's time zone. Here `int8` is a
 * `bigint`; days and clock times stay text, since they are no moments; `timestamptz` is a `Date`, as in `pg`.
 */
const getTypeParser: typeof pg.types.getTypeParser = ((oid: number, format?: "text" | "binary") => {
  if (format !== "binary") {
    if (oid === builtins.INT8) return asBigInt;
    if (oid === builtins.DATE || oid === builtins.TIMESTAMP) return asText;
    if (oid === int8Array) {
      const parseArray = pg.types.getTypeParser<string, unknown>(oid as typeof builtins.INT8, "text");
      return (text: string) => bigInts(parseArray(text));
    }
  }
  return format === "binary" ? pg.types.getTypeParser(oid, "binary") : pg.types.getTypeParser(oid, "text");
}) as typeof pg.types.getTypeParser;
