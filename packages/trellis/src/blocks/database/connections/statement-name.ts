import { LRUCache } from "lru-cache";
import { statementsMax } from "./limits.ts";

const given = /^\s*\/\*\s*([\w .:-]{1,64}?)\s*\*\//;
const unnamed = /'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g;
const innermost = /\([^()]*\)/g;
const verb = /\b(select|insert|update|delete|merge)\b/i;
const table = /\b(?:from|into|update|join|table)\s+(?:only\s+)?((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)/i;
/** Of the statements that run again and again. Names are found out once: it takes a microsecond or two. */
const known = new LRUCache<string, string>({ max: statementsMax });
/** Characters that are read: what a statement does stands at its beginning. */
const readMax = 4_000;

/**
 * What people call a statement: what it does and to which table, such as `select link`; or what a comment says with
 * which it begins, such as a comment of "claim jobs". Of its values nothing is in it.
 */
export function statementName(text: string): string {
  const seen = known.get(text);
  if (seen !== undefined) return seen;
  const name = nameOf(text);
  known.set(text, name);
  return name;
}

function nameOf(text: string): string {
  const own = given.exec(text)?.[1];
  if (own !== undefined) return own;
  const bare = text.slice(0, readMax).replace(unnamed, " ");
  const outer = withoutParts(bare);
  const word = /[a-z]+/i.exec(outer)?.[0].toLowerCase() ?? "other";
  // What comes before the last part of a `with` only prepares it.
  const does = word === "with" ? (verb.exec(outer)?.[1]?.toLowerCase() ?? word) : word;
  const touched = (table.exec(outer) ?? table.exec(bare))?.[1]?.replaceAll('"', "");
  return (touched === undefined ? does : `${does} ${touched}`).slice(0, 64);
}

/** The text without what stands in parentheses, from the inside out. */
function withoutParts(text: string): string {
  const less = text.replace(innermost, " ~ ");
  return less === text ? text : withoutParts(less);
}
