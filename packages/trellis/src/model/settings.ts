import { milliseconds } from "./duration.ts";
import { TrellisError } from "./errors.ts";
import type { InstanceCount } from "./group.ts";
import { isNetwork } from "./network.ts";
import { bytes } from "./size.ts";

/** The process's environment variables, or what a test says they are. An empty one counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Setting<T> {
  readonly variable: string;
  readonly fallback: string;
  readonly meaning: string;
  readonly read: (text: string, variable: string) => T;
}

const whole =
  (least: number, most: number) =>
  (text: string, variable: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new TrellisError("invalid-setting", {
      says: `${variable} is "${text}", which is not a whole number from ${least} to ${most}`,
      cure: `Set ${variable} to a whole number from ${least} to ${most}, or unset it.`,
    });
  };

const instancesMax = 256;

/** `3`, or `2..8`: as the load asks for. */
const instanceCount =
  (least: number) =>
  (text: string, variable: string): InstanceCount => {
    const [, from, to] = /^(\d{1,3})(?:\.\.(\d{1,3}))?$/.exec(text) ?? [];
    const [min, max] = [Number(from), Number(to ?? from)];
    if (from !== undefined && to === undefined && min >= least && min <= instancesMax) return min;
    if (to !== undefined && max >= 1 && min <= max && max <= instancesMax) return { min, max };
    throw new TrellisError("invalid-setting", {
      says: `${variable} is "${text}", which is no number of instances`,
      cure: `Set ${variable} to a number from ${least} to ${instancesMax} or to a range such as 2..8, or unset it.`,
    });
  };

const oneOf =
  <const Choice extends string>(...choices: readonly Choice[]) =>
  (text: string, variable: string): Choice => {
    const choice = choices.find((known) => known === text);
    if (choice !== undefined) return choice;
    throw new TrellisError("invalid-setting", {
      says: `${variable} is "${text}", which is none of ${choices.join(", ")}`,
      cure: `Set ${variable} to one of ${choices.join(", ")}, or unset it.`,
    });
  };

const databaseUrl = (text: string, variable: string): string => {
  if (text === "" || (/^postgres(ql)?:\/\/\S+$/.test(text) && URL.canParse(text))) return text;
  throw new TrellisError("invalid-setting", {
    says: `${variable} is not the address of a PostgreSQL server`,
    cure: `Set ${variable} to postgres://USER:PASSWORD@HOST:PORT/DATABASE, or unset it for the embedded server.`,
  });
};

const origin = (text: string, variable: string): string => {
  if (text === "") return "";
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new TrellisError("invalid-setting", {
    says: `${variable} is not the public address of an app: http:// or https:// and a host, with nothing behind it`,
    cure: `Set ${variable} to an address such as https://go.example, or unset it.`,
  });
};

const proxies = (text: string, variable: string): string => {
  const words = text === "none" ? [] : text.split(",").map((word) => word.trim());
  const wrong = words.find((word) => word !== "loopback" && !isNetwork(word));
  if (wrong === undefined) return text;
  throw new TrellisError("invalid-setting", {
    says: `${variable}: "${wrong}" is neither an address nor a network`,
    cure: "Write addresses such as 10.0.0.7 or networks such as 10.0.0.0/8 with commas between them, loopback, or none.",
  });
};

const httpAddress = (text: string, variable: string): string => {
  if (text === "" || (/^https?:\/\/\S+$/.test(text) && URL.canParse(text))) return text;
  throw new TrellisError("invalid-setting", {
    says: `${variable} is "${text}", which is no address of http:// or https://`,
    cure: `Set ${variable} to an address such as http://localhost:4318, or unset it.`,
  });
};

/** Whoever guesses it can sign in as anyone. */
const secretCharactersMin = 32;

const secret = (text: string, variable: string): string => {
  if (text === "" || text.length >= secretCharactersMin) return text;
  throw new TrellisError("invalid-setting", {
    says: `${variable} has ${text.length} characters, which is too few to keep anything secret`,
    cure: `Set ${variable} to ${secretCharactersMin} random characters or more, such as \`openssl rand -base64 32\` gives.`,
  });
};

const anyText = (text: string): string => text;

const domains = (text: string, variable: string): string => {
  const names = text === "" ? [] : text.split(",").map((name) => name.trim().toLowerCase());
  const wrong = names.find(
    (name) => name.length > 253 || !/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*$/.test(name),
  );
  if (wrong === undefined) return names.join(",");
  throw new TrellisError("invalid-setting", {
    says: `${variable}: "${wrong}" is no public name of a machine`,
    cure: "Write names such as go.example with commas between them. HTTP-01 proves no wildcards.",
  });
};

const setting = <T>(variable: string, fallback: string, read: Setting<T>["read"], meaning: string): Setting<T> => ({
  variable,
  fallback,
  read,
  meaning,
});

/** Every setting there is: its variable, what it means and what holds when it is unset. */
export const settingTable = {
  mode: setting("NODE_ENV", "production", oneOf("development", "test", "production"), "how much is checked"),
  port: setting("PORT", "3000", whole(0, 65_535), "the port that the app answers on"),
  origin: setting(
    "TRELLIS_ORIGIN",
    "",
    origin,
    "the app's public address, such as https://go.example; unset: as callers or a trusted proxy say",
  ),
  trustedProxies: setting(
    "TRELLIS_TRUSTED_PROXIES",
    "loopback",
    proxies,
    "addresses and networks (10.0.0.0/8) whose X-Forwarded-For, -Host and -Proto are believed, by commas; or none",
  ),
  databaseUrl: setting("DATABASE_URL", "", databaseUrl, "a networked PostgreSQL server; unset: embedded"),
  databaseConnectionsMax: setting(
    "TRELLIS_DATABASE_CONNECTIONS",
    "80",
    whole(4, 10_000),
    "connections that all instances together may open",
  ),
  statementTimeoutMs: setting(
    "TRELLIS_STATEMENT_TIMEOUT",
    "10s",
    milliseconds,
    "the longest that a statement may take",
  ),
  webInstances: setting(
    "TRELLIS_WEB",
    "2",
    instanceCount(1),
    "web instances on this machine; 2..8: as the load asks for",
  ),
  workerInstances: setting(
    "TRELLIS_WORKERS",
    "1",
    instanceCount(0),
    "worker instances on this machine; 1..4: as the load asks for",
  ),
  bodyBytesMax: setting("TRELLIS_BODY_MAX", "1MB", bytes, "the largest request body"),
  headersBytesMax: setting("TRELLIS_HEADERS_MAX", "16KB", bytes, "the largest request head"),
  connectionsMax: setting(
    "TRELLIS_CONNECTIONS",
    "10000",
    whole(1, 1_000_000),
    "connections of callers that an instance holds",
  ),
  requestTimeoutMs: setting("TRELLIS_REQUEST_TIMEOUT", "30s", milliseconds, "the longest that a request may take"),
  startTimeoutMs: setting(
    "TRELLIS_START_TIMEOUT",
    "30s",
    milliseconds,
    "the longest that an instance takes to be ready",
  ),
  drainTimeoutMs: setting("TRELLIS_DRAIN_TIMEOUT", "20s", milliseconds, "the longest that an instance takes to end"),
  soakMs: setting(
    "TRELLIS_SOAK",
    "10s",
    milliseconds,
    "how long a release is watched after it serves alone: a crash in this time brings the one before back",
  ),
  spoolBytesMax: setting(
    "TRELLIS_SPOOL_MAX",
    "1GB",
    bytes,
    "how much of the disk the events of an instance or a gateway may take on their way to the streams",
  ),
  logLevel: setting(
    "TRELLIS_LOG",
    "info",
    oneOf("debug", "info", "warn", "error", "silent"),
    "the least that is logged",
  ),
  logRequests: setting("TRELLIS_LOG_REQUESTS", "no", oneOf("yes", "no"), "a log line for each request"),
  metrics: setting("TRELLIS_METRICS", "yes", oneOf("yes", "no"), "figures for Prometheus, at /metrics"),
  tracesUrl: setting(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "",
    httpAddress,
    "where traces are sent (OTLP over HTTP), such as http://localhost:4318; unset: no traces",
  ),
  gateways: setting("TRELLIS_GATEWAYS", "1", whole(1, 64), "gateway processes on this machine; several: Linux only"),
  edgeBytesMax: setting("TRELLIS_EDGE_MAX", "64MB", bytes, "what a gateway process keeps of answers; 0B: nothing"),
  accessLog: setting("TRELLIS_ACCESS_LOG", "", anyText, "the file that each request is noted in; -: standard error"),
  tlsPort: setting("TRELLIS_TLS_PORT", "0", whole(0, 65_535), "the port for HTTPS; 0: none"),
  tlsCert: setting("TRELLIS_TLS_CERT", "", anyText, "the certificate's PEM file, with the chain behind it"),
  tlsKey: setting("TRELLIS_TLS_KEY", "", anyText, "the PEM file of the certificate's private key"),
  hstsMs: setting(
    "TRELLIS_HSTS",
    "0s",
    milliseconds,
    "for how long browsers that came by HTTPS come by nothing else, such as 365d; 0s: nothing is said",
  ),
  acmeDomains: setting("TRELLIS_ACME_DOMAINS", "", domains, "names whose certificate is fetched by ACME, by commas"),
  acmeEmail: setting("TRELLIS_ACME_EMAIL", "", anyText, "where the authority writes to when something is wrong"),
  acmeDirectory: setting(
    "TRELLIS_ACME_DIRECTORY",
    "https://acme-v02.api.letsencrypt.org/directory",
    httpAddress,
    "the authority's ACME directory",
  ),
  secret: setting(
    "TRELLIS_SECRET",
    "",
    secret,
    "signs what instances tell each other; unset: made once, kept with the data",
  ),
} as const;

export type Settings = {
  readonly [Name in keyof typeof settingTable]: (typeof settingTable)[Name] extends Setting<infer T> ? T : never;
};

/** Reads every setting. `derived` holds what the app's configuration says where the environment is silent. */
export function readSettings(
  environment: Environment,
  derived: Partial<Record<keyof Settings, string>> = {},
): Settings {
  const settings = Object.entries(settingTable).map(([name, { variable, fallback, read }]) => {
    const text = environment[variable]?.trim() || derived[name as keyof Settings] || fallback;
    return [name, read(text, variable)];
  });
  return Object.fromEntries(settings);
}
