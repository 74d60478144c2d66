import { inspect } from "node:util";
import { TrellisError } from "../model/errors.ts";

/** Where a command's answers go: for people as text, for programs as JSON. */
export interface Output {
  /** For programs: one JSON document a line, nothing else on standard output. */
  readonly json: boolean;
  /** One answer, in both forms. An empty text is not shown. */
  answer(value: object, text: string): void;
  /** Shown to people only. */
  say(text: string): void;
  /** What processes say that run in the background, as it is: to standard error, like their own log lines. */
  relay(text: string): void;
  /** What went wrong, with its cure. Returns the exit code. */
  fail(error: unknown): number;
}

/** Where text goes: standard output and standard error. */
export interface Streams {
  out(text: string): void;
  error(text: string): void;
}

export function output(json: boolean, streams: Streams): Output {
  return {
    json,
    answer(value, text) {
      if (json) streams.out(`${JSON.stringify(value)}\n`);
      else if (text !== "") streams.out(`${text}\n`);
    },
    say(text) {
      if (!json) streams.out(`${text}\n`);
    },
    relay: (text) => streams.error(text),
    fail(error) {
      const known = asTrellisError(error);
      if (known !== error) streams.error(`${inspect(error)}\n`);
      if (json) streams.out(`${JSON.stringify({ event: "error", ...errorFacts(known) })}\n`);
      else streams.error(`${errorText(known)}\n`);
      return known.exit;
    },
  };
}

/** An error as JSON: the parts that a program branches on and a person reads. */
export function errorFacts({ code, title, message, cure, exit, fields }: TrellisError): object {
  return { code, title, says: message, cure, exit, ...(fields.length > 0 ? { fields } : {}) };
}

/** An error for people: what it is, what happened, what to do. */
export function errorText({ code, title, message, cure, fields }: TrellisError): string {
  return [
    `${title} (${code})`,
    ...(message === title ? [] : [`  ${message.replaceAll("\n", "\n  ")}`]),
    ...fields.map(({ field, problem }) => `  ${field}: ${problem}`),
    `  → ${cure}`,
  ].join("\n");
}

function asTrellisError(error: unknown): TrellisError {
  if (error instanceof TrellisError) return error;
  return new TrellisError("internal", {
    says: error instanceof Error ? error.message : String(error),
    cure: "This is a mistake in Trellis: report it with the lines above.",
    cause: error,
  });
}
