import type { RateLimitRule, RoutingTable } from "../../gateway/port.ts";
import { TrellisError } from "../../model/errors.ts";
import { readSettings, type Settings } from "../../model/settings.ts";
import { bytes } from "../../model/size.ts";
import type { BalancerName } from "../../policies/balancing/balancer.ts";
import { balancerNames } from "../../policies/balancing/make-balancer.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { wholeNumber } from "../arguments/whole-number.ts";
import { command, dataOption } from "../command.ts";
import { askedPort } from "../folder/app-port.ts";
import { CertificateFolder } from "../gateway/certificate-folder.ts";
import { openTls, tlsPortDefault } from "../gateway/open-tls.ts";
import { originsTable } from "../gateway/origins-table.ts";
import { readRoutingFile } from "../gateway/routing-file.ts";
import { runGateway } from "../gateway/run-gateway.ts";

const options = {
  to: { value: "URL", many: true, says: "an origin, such as http://10.0.0.7:8080; may be repeated" },
  backup: { value: "URL", many: true, says: "an origin that is asked only while no other can be; may be repeated" },
  config: { value: "FILE", says: "hosts, services and pools as JSON, instead of --to; read again on SIGHUP" },
  port: { value: "N", says: "the port (else PORT, else 3000; 0: any)" },
  host: { value: "H", says: "the address to listen on (else all of this machine's)" },
  balance: { value: "HOW", says: `${balancerNames.join(", ")} (${balancerNames[0]})` },
  health: { value: "PATH", says: "asked of each origin every 2 s; who does not answer 2xx is not used" },
  cache: { value: "SIZE|off", says: "what each process keeps of answers (else TRELLIS_EDGE_MAX)" },
  rate: { value: "N/s", says: "how often one client may ask; also N/m" },
  "tls-cert": {
    value: "FILE",
    says: "the certificate for HTTPS, PEM (else TRELLIS_TLS_CERT, else that of trellis certs)",
  },
  "tls-key": { value: "FILE", says: "its private key, PEM (else TRELLIS_TLS_KEY)" },
  "tls-port": {
    value: "N",
    says: `the port for HTTPS; --port then redirects there (else TRELLIS_TLS_PORT, else ${tlsPortDefault})`,
  },
  acme: { value: "A,B", says: "names whose certificate is fetched by ACME (else TRELLIS_ACME_DOMAINS)" },
  "access-log": { value: "FILE", says: "note each request there as a line of JSON; -: standard error" },
  admin: { value: "N", says: "a port on 127.0.0.1 for /metrics, /status and POST /purge; 0: any" },
  processes: { value: "N", says: "gateway processes that share the port (else TRELLIS_GATEWAYS, else 1)" },
  data: dataOption,
} as const;

export const gateway = command({
  name: "gateway",
  about: [
    "Runs the front door alone, before origins that run elsewhere: balanced, checked, cached as their answers say, with",
    "retries, rate limits and HTTPS. It needs no app. SIGTERM lets it answer what has begun, then ends it; SIGHUP reads",
    "--config again, without a lost request. A process that crashes is started again.",
  ].join("\n"),
  options,
  run: async ({ options: given }, world) => {
    const settings = readSettings(
      given.acme === undefined ? world.environment : { ...world.environment, TRELLIS_ACME_DOMAINS: given.acme },
    );
    const tlsSettings = {
      ...settings,
      tlsPort:
        given["tls-port"] === undefined ? settings.tlsPort : wholeNumber(given["tls-port"], "--tls-port", 1, 65_535),
      tlsCert: given["tls-cert"] ?? settings.tlsCert,
      tlsKey: given["tls-key"] ?? settings.tlsKey,
    };
    const edgeBytesMax = cacheBytes(given.cache, settings);
    const table = tableMaker(given, edgeBytesMax > 0);
    // What is wrong with it is told before anything is opened.
    table(1);
    const port = await askedPort(
      wholeNumber(given.port ?? (world.environment.PORT?.trim() || "3000"), "--port", 0, 65_535),
    );
    const log = openLog({ level: settings.logLevel });
    const secure = await openTls(tlsSettings, () => CertificateFolder.open(given.data, world), log, world);
    if (secure) await askedPort(secure.tls.port);
    try {
      return await runGateway(
        {
          table,
          reloads: given.config !== undefined,
          processes: processesOf(given.processes, settings),
          port,
          host: given.host,
          tls: secure?.tls,
          edgeBytesMax,
          accessLog: given["access-log"] ?? (settings.accessLog || undefined),
          adminPort: given.admin === undefined ? undefined : wholeNumber(given.admin, "--admin", 0, 65_535),
          drainMs: settings.drainTimeoutMs,
          onReady: () => secure?.renewal?.begin(),
        },
        world,
      );
    } finally {
      secure?.renewal?.close();
    }
  },
});

interface TableOptions {
  readonly to: readonly string[];
  readonly backup: readonly string[];
  readonly config: string | undefined;
  readonly balance: string | undefined;
  readonly health: string | undefined;
  readonly rate: string | undefined;
}

function tableMaker(given: TableOptions, edge: boolean): (version: number) => RoutingTable {
  const { config, to, backup, balance, health, rate } = given;
  if (config !== undefined) {
    const other = Object.entries({ to: to[0], backup: backup[0], balance, health, rate }).find(([, value]) => value);
    if (other)
      throw new TrellisError("usage", {
        says: `--${other[0]} and --config do not go together`,
        cure: "Write it into the file.",
      });
    return (version) => readRoutingFile(config, version);
  }
  if (to.length === 0)
    throw new TrellisError("usage", {
      says: "trellis gateway needs to know where to",
      cure: "Give --to http://HOST:PORT, as often as there are origins, or --config FILE.",
    });
  const table = originsTable({
    to,
    backups: backup,
    edge,
    balance: balanceOf(balance),
    healthPath: health,
    rateLimit: rateOf(rate),
  });
  return (version) => ({ ...table, version });
}

function balanceOf(text: string | undefined): BalancerName | undefined {
  if (text === undefined) return undefined;
  const name = balancerNames.find((known) => known === text);
  if (name !== undefined) return name;
  throw new TrellisError("usage", {
    says: `--balance is "${text}"`,
    cure: `Give one of ${balancerNames.join(", ")}.`,
  });
}

/** `100/s`: as many at once after a rest; `30/m`: so many in a minute. */
function rateOf(text: string | undefined): RateLimitRule | undefined {
  if (text === undefined) return undefined;
  const [, amount = "", unit] = /^(\d{1,9})\/(s|m)$/.exec(text) ?? [];
  const number = Number(amount);
  if (number >= 1) return { by: "client", perSecond: unit === "m" ? number / 60 : number, burst: number };
  throw new TrellisError("usage", { says: `--rate is "${text}"`, cure: "Give a rate such as 100/s or 30/m." });
}

function cacheBytes(text: string | undefined, { edgeBytesMax }: Settings): number {
  if (text === undefined) return edgeBytesMax;
  return text === "off" ? 0 : bytes(text, "--cache");
}

function processesOf(text: string | undefined, settings: Settings): number {
  const processes = text === undefined ? settings.gateways : wholeNumber(text, "--processes", 1, 64);
  if (processes === 1 || process.platform === "linux") return processes;
  throw new TrellisError("usage", {
    says: "Several processes cannot share a port on this system",
    cure: "Give --processes 1, or run it on Linux.",
  });
}
