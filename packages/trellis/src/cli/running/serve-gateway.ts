import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";
import { type Control, openControl } from "../../gateway/control/open-control.ts";
import type { ListenOptions, TlsOptions } from "../../gateway/front/port.ts";
import { type Gateway, openGateway } from "../../gateway/open-gateway.ts";
import type { GatewayOrder, GatewayStart, GatewayStarted } from "../../gateway/port.ts";
import { acmeChallenges } from "../../gateway/tls/acme-challenges.ts";
import { CertificateFiles } from "../../gateway/tls/certificate-files.ts";
import { watchExpiry } from "../../gateway/tls/watch-expiry.ts";
import type { Clock } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Log } from "../../model/log.ts";
import { readSettings, type Settings } from "../../model/settings.ts";
import { leaseAskEveryMs } from "../../policies/rate-limit/lease-holder.ts";
import { openLog } from "../../runtime/pino-log.ts";
import { systemRandom, systemStopwatch } from "../../runtime/system-clock.ts";
import { startGatewayProcess } from "../../supervisor/gateway-process.ts";
import { InstanceMetrics } from "../../telemetry/instance-metrics.ts";
import { processMetrics } from "../../telemetry/process-metrics.ts";
import { accessLogWriter } from "./access-log-writer.ts";

/** After the start: writing what Node made of the modules holds everything up for a moment. */
const keepCodeMs = 3_000;
/** Descriptors 0 to 2 are those that every process has. */
const firstInherited = 3;

/** What a gateway process does: becomes the gateway that it is told on standard input, and ends when told to. */
export async function serveGateway(clock: Clock): Promise<void> {
  // Its control socket and its files are for whoever runs it only.
  process.umask(0o077);
  try {
    const start = await readStart();
    const settings = readSettings(process.env);
    const log = openLog({ level: settings.logLevel, facts: { role: start.name, pid: process.pid } });
    process.on("uncaughtException", (error, origin) => {
      log.error("a defect ended this gateway", { error, origin });
      process.exit(1);
    });
    const serving = new ServingGateway({ start, settings, log, clock });
    tell(await serving.open());
    clock.after(keepCodeMs, flushCompileCache);
  } catch (error) {
    tell({ kind: "failed", error: startError(error) });
    process.exit(1);
  }
}

interface Serving {
  readonly start: GatewayStart;
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
}

class ServingGateway {
  readonly #serving: Serving;
  readonly #gateway: Gateway;
  readonly #certificates: CertificateFiles | undefined;
  #control: Control | undefined;
  #ending = false;

  constructor(serving: Serving) {
    const { start, settings, log, clock } = serving;
    this.#serving = serving;
    this.#certificates = start.tls && this.#followCertificates(start.tls.certificates);
    this.#gateway = openGateway({
      name: start.name,
      settings: { ...settings, edgeBytesMax: start.edgeBytesMax },
      clock,
      stopwatch: systemStopwatch,
      random: systemRandom,
      log,
      ...(settings.metrics === "yes" ? { metrics: metricsOf(serving) } : {}),
      onReport: (report) => this.#control?.report(report),
      sharesLimits: start.sharesPorts ?? false,
      ...(start.data === undefined ? {} : { data: start.data }),
      ...(start.accessLog === undefined ? {} : { accessLog: accessLogWriter(start.accessLog, log) }),
      ...(this.#certificates ? { tls: this.#tls(this.#certificates) } : {}),
      ...(start.tls?.acmeFolder === undefined ? {} : { wellKnown: acmeChallenges(start.tls.acmeFolder) }),
    });
  }

  async open(): Promise<GatewayStarted> {
    const { start, settings, log, clock } = this.#serving;
    // Ctrl-C and a closed terminal are for whoever has started it to hear of.
    for (const name of ["SIGINT", "SIGHUP"]) process.on(name, () => undefined);
    process.on("SIGTERM", () => void this.#end(settings.drainTimeoutMs));
    this.#gateway.apply(start.table);
    const ports = await this.#listen();
    this.#control = await openControl({
      path: start.control,
      clock,
      log,
      hello: () => ({ kind: "hello", name: start.name, pid: process.pid, version: this.#gateway.figures().version }),
      figures: () => this.#gateway.figures(),
      obey: (order) => this.#obey(order),
      onAlone: () => this.#alone(),
    });
    if (start.sharesPorts) this.#askForTokens(this.#control);
    if (start.tls) watchExpiry({ certificates: () => this.#gateway.front.figures().certificates, clock, log });
    return { kind: "ready", name: start.name, pid: process.pid, ...ports };
  }

  #tls(certificates: CertificateFiles): TlsOptions {
    const hstsSeconds = Math.floor(this.#serving.settings.hstsMs / 1_000);
    return { certificates: certificates.read(), ...(hstsSeconds > 0 ? { hstsSeconds } : {}) };
  }

  async #listen(): Promise<{ readonly port: number; readonly tlsPort?: number }> {
    const { port, tls } = this.#serving.start;
    if (!tls) return { port: await this.#gateway.listen({ ...this.#place(port), kind: "plain" }) };
    const tlsPort = await this.#gateway.listen({ ...this.#place(tls.port), kind: "secure" });
    const redirect = { ...this.#place(port), kind: "redirect", securePort: tlsPort } as const;
    return { port: await this.#gateway.listen(redirect), tlsPort };
  }

  /** The socket of that port that the one before has handed on, or one of its own. */
  #place(port: number): ListenOptions {
    const { host, sharesPorts = false, inherited = [] } = this.#serving.start;
    const index = inherited.indexOf(port);
    if (index >= 0) return { port, fd: firstInherited + index };
    return { port, reusePort: sharesPorts, ...(host === undefined ? {} : { host }) };
  }

  /** Requests wait for no answer: what is needed next is asked for from time to time. */
  #askForTokens(control: Control): void {
    this.#serving.clock.after(leaseAskEveryMs, () => {
      const limits = this.#gateway.limits.asks();
      if (limits.length > 0) control.report({ kind: "asks", limits });
      this.#askForTokens(control);
    });
  }

  #alone(): void {
    this.#gateway.limits.setAlone(true);
    if (this.#serving.start.alone === "ends") void this.#end(this.#serving.settings.drainTimeoutMs);
  }

  #obey(order: GatewayOrder): unknown {
    switch (order.kind) {
      case "table":
        return this.#gateway.apply(order.table);
      case "purge":
        this.#gateway.purge(order.purge);
        return undefined;
      case "look":
        return this.#gateway.look();
      case "succeed":
        return this.#succeed(order.start, order.entry);
      case "grants":
        this.#gateway.limits.setAlone(false);
        this.#gateway.limits.accept(order.limits, order.gateways);
        return undefined;
      case "stop":
        void this.#end(order.drainMs);
        return undefined;
      default:
        // From a supervisor of a later version.
        throw new TypeError(`There is no order "${(order as { readonly kind: string }).kind}"`);
    }
  }

  async #succeed(start: GatewayStart, entry: string): Promise<void> {
    const { listeners } = this.#gateway.front;
    await startGatewayProcess({ entry, start, logTo: 2, listeners }).ready;
  }

  async #end(drainMs: number): Promise<void> {
    // Whoever asks twice is in a hurry.
    if (this.#ending) process.exit(1);
    this.#ending = true;
    const cut = await this.#gateway.drain(drainMs, () => this.#control?.report({ kind: "answered" }));
    if (cut > 0) this.#serving.log.warn("connections were cut at the end", { connections: cut });
    this.#certificates?.close();
    this.#control?.close();
    process.exit(0);
  }

  #followCertificates(files: readonly { readonly cert: string; readonly key: string }[]): CertificateFiles {
    const { clock, log } = this.#serving;
    return new CertificateFiles({
      files,
      clock,
      onChange: (certificates) => {
        this.#gateway.front.swapCertificates(certificates);
        log.info("certificates were read again");
      },
      onProblem: (error) => log.error("certificates cannot be read again; the ones before stay", { error }),
    });
  }
}

function metricsOf({ start, log, clock }: Serving): InstanceMetrics {
  const metrics = new InstanceMetrics({ labels: { instance: start.name, role: "gateway" }, clock, log });
  metrics.also(processMetrics);
  return metrics;
}

function readStart(): Promise<GatewayStart> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: process.stdin });
    lines.once("line", (line) => {
      try {
        resolve(JSON.parse(line) as GatewayStart);
      } catch (cause) {
        reject(cause);
      }
      lines.close();
      process.stdin.destroy();
    });
    lines.once("close", () =>
      reject(new TrellisError("usage", { says: "A gateway process is told on standard input what to be" })),
    );
  });
}

/** Whoever has started it may be gone: then nobody wants to know. */
function tell(started: GatewayStarted): void {
  try {
    writeSync(1, `${JSON.stringify(started)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}

function startError(error: unknown): Extract<GatewayStarted, { readonly kind: "failed" }>["error"] {
  if (error instanceof TrellisError) return { code: error.code, says: error.message, cure: error.cure };
  const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", says, cure: "This is a mistake in Trellis: report it with the lines above." };
}
