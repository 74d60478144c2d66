import { CallFailed, TrellisError } from "trellis/contract";

interface ErrorWords {
  /** What happened. */
  readonly title: string;
  /** What to do. */
  readonly cure: string;
  /** What is wrong with which field, by its name without `body.` in front. */
  readonly fields: Readonly<Record<string, string>>;
}

/** What a failed call says to a person. */
export function describeError(error: unknown): ErrorWords {
  if (error instanceof TrellisError)
    return {
      title: error.message,
      cure: error.cure,
      fields: Object.fromEntries(error.fields.map(({ field, problem }) => [field.replace(/^\w+\./, ""), problem])),
    };
  if (error instanceof CallFailed && error.failure.code === "unavailable")
    return {
      title: "The server does not answer",
      cure: "It may be starting again, or the network is away. Nothing you typed is lost.",
      fields: {},
    };
  if (error instanceof CallFailed) return { title: error.message.replace(/ \([\w-]+\)$/, ""), cure: "", fields: {} };
  return {
    title: "Something went wrong on this page",
    cure: error instanceof Error ? error.message : "Load the page again.",
    fields: {},
  };
}
