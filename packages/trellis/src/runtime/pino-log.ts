import { type DestinationStream, destination, type Logger, pino, stdSerializers } from "pino";
import type { Log, LogFacts } from "../model/log.ts";
import type { Settings } from "../model/settings.ts";

/** Never written to a log, wherever they stand among the facts. */
const secretNames = ["authorization", "cookie", "password", "secret", "key", "token", "ownerKey", "databaseUrl"];
const redact = {
  paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `headers["${name}"]`]),
  censor: "[redacted]",
};

export interface LogOptions {
  readonly level: Settings["logLevel"];
  /** Standard error unless said otherwise: standard output belongs to what a command answers. */
  readonly to?: DestinationStream;
  readonly facts?: LogFacts;
}

/** One line an event, as JSON, secrets left out. */
export function openLog(options: LogOptions): Log {
  const logger = pino(
    {
      level: options.level,
      base: options.facts ?? null,
      redact,
      messageKey: "says",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.errWithCause, cause: stdSerializers.errWithCause },
    },
    options.to ?? standardError(),
  );
  return new PinoLog(logger);
}

function standardError(): DestinationStream {
  const stream = destination({ fd: 2, sync: true });
  // Standard error may be a file, and its disk full: a line that cannot be written ends nothing.
  stream.on("error", () => undefined);
  return stream;
}

class PinoLog implements Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  debug(says: string, facts: LogFacts = {}): void {
    this.#logger.debug(facts, says);
  }

  info(says: string, facts: LogFacts = {}): void {
    this.#logger.info(facts, says);
  }

  warn(says: string, facts: LogFacts = {}): void {
    this.#logger.warn(facts, says);
  }

  error(says: string, facts: LogFacts = {}): void {
    this.#logger.error(facts, says);
  }

  with(facts: LogFacts): Log {
    return new PinoLog(this.#logger.child(facts));
  }
}
