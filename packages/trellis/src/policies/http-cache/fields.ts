/** Header fields: names (lower case) and values in turn. A repeated name stays repeated. */
export type Fields = readonly string[];

/** The first line of a field; undefined where it is absent. */
export function firstLine(fields: Fields, name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/** All lines of a field as one list (RFC 9110 §5.3); undefined where it is absent. */
export function wholeField(fields: Fields, name: string): string | undefined {
  let value: string | undefined;
  for (let i = 0; i < fields.length; i += 2)
    if (fields[i] === name) value = value === undefined ? fields[i + 1] : `${value}, ${fields[i + 1]}`;
  return value;
}

/**
 * The members of a comma-separated list, trimmed, without the empty ones (RFC 9110 §5.6.1). A comma within a quoted
 * string is part of its member.
 */
export function listMembers(value: string): string[] {
  const members: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= value.length; i++) {
    const at = value[i];
    if (quoted && at === "\\") i++;
    else if (at === '"') quoted = !quoted;
    else if (i === value.length || (at === "," && !quoted)) {
      const member = value.slice(start, i).trim();
      if (member !== "") members.push(member);
      start = i + 1;
    }
  }
  // A quoted string without an end takes the rest with it.
  if (quoted && start < value.length && value.slice(start).trim() !== "") members.push(value.slice(start).trim());
  return members;
}

/** The fields without those of these names. */
export function without(fields: Fields, names: ReadonlySet<string>): string[] {
  const rest: string[] = [];
  for (let i = 0; i < fields.length; i += 2)
    if (!names.has(fields[i] as string)) rest.push(fields[i] as string, fields[i + 1] as string);
  return rest;
}
