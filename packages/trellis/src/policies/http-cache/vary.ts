import { type Fields, listMembers, wholeField } from "./fields.ts";

/** The names that `Vary` lists, in lower case and in order; `*`: no other request is like this one (RFC 9110 §12.5.5). */
export function parseVary(value: string | undefined): readonly string[] | "*" {
  if (value === undefined) return none;
  const names = new Set(listMembers(value.toLowerCase()));
  return names.has("*") ? "*" : [...names].sort();
}

const none: readonly string[] = [];

/**
 * What of a request an answer depends on, as one text: equal texts, same answer (RFC 9111 §4.1). Lines are joined and
 * spaces normalised; what means the same for encodings and languages is written the same.
 */
export function selectingKey(names: readonly string[], fields: Fields): string {
  let key = "";
  for (const name of names) {
    const value = wholeField(fields, name);
    // An absent field is told from an empty one.
    key += value === undefined ? "\n" : `=${normalised(name, value)}\n`;
  }
  return key;
}

function normalised(name: string, value: string): string {
  if (name === "accept-encoding" || name === "accept-language" || name === "accept-charset")
    return byPreference(value.toLowerCase());
  return listMembers(value).join(",");
}

/** Those of the same weight in alphabetical order: their order means nothing (RFC 9110 §12.4.2). Refused ones come last. */
function byPreference(value: string): string {
  const choices = listMembers(value).map((member) => {
    const [choice = "", ...parameters] = member.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    return { choice, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
  });
  choices.sort((a, b) => b.weight - a.weight || (a.choice < b.choice ? -1 : 1));
  let key = "";
  let last: number | undefined;
  for (const { choice, weight } of choices) {
    if (last !== undefined) key += weight === last ? "," : weight === 0 ? "!" : ">";
    else if (weight === 0) key += "!";
    key += choice;
    last = weight;
  }
  return key;
}
