/** A tag that is longer is a mistake: an answer's tags travel in one header. */
export const purgeTagMax = 1_024;
/** Answers at longer addresses are not purged by them. */
export const purgeUrlMax = 8_192;

/** What is taken out of the edge cache. What was asked for before it is not stored after it. */
export type Purge =
  /** With all its variants, by `http` and `https`. */
  | { readonly url: string }
  | { readonly tag: string; readonly service?: string }
  | { readonly all: true; readonly service?: string };

/** A purge that has travelled as JSON; undefined where the text is none that is known here. */
export function readPurge(text: string): Purge | undefined {
  const given = parsed(text);
  if (typeof given !== "object" || given === null) return undefined;
  const { url, tag, all, service } = given as Readonly<Record<string, unknown>>;
  if (service !== undefined && typeof service !== "string") return undefined;
  const of = service === undefined ? {} : { service };
  if (typeof url === "string") return { url };
  if (typeof tag === "string") return { tag, ...of };
  return all === true ? { all, ...of } : undefined;
}

/** A tag as answers name it: nothing in it that separates tags. */
export function safeTag(tag: string): string {
  return /^[\w.:~-]+$/.test(tag) ? tag : encodeURIComponent(tag.toWellFormed());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
