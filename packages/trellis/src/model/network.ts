/** Whether the text is an IP address, or a network of them such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [, address = "", prefix = "0"] = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const groups = addressGroups(address);
  return groups !== undefined && Number(prefix) <= (address.includes(":") ? 128 : 32);
}

/**
 * The eight groups of 16 bits of an IP address, or undefined where the text is none. An IPv4 address is
 * `::ffff:a.b.c.d`, as sockets that take both families have it. Zones (`%eth0`) are no part of an address here.
 */
export function addressGroups(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined;
  if (!text.includes(":")) {
    const pair = ipv4Groups(text);
    return pair && [0, 0, 0, 0, 0, 0xffff, ...pair];
  }
  const halves = text.split("::");
  const before = groupsOf(halves[0] as string, halves.length === 1);
  const after = halves.length === 2 ? groupsOf(halves[1] as string, true) : [];
  if (halves.length > 2 || !before || !after) return undefined;
  const zeros = 8 - before.length - after.length;
  if (halves.length === 1 ? zeros !== 0 : zeros < 1) return undefined;
  return [...before, ...new Array<number>(zeros).fill(0), ...after];
}

/** Some of an address's groups; `last`: they end it, so the last may be written as IPv4. */
function groupsOf(text: string, last: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const pair = last && index === parts.length - 1 ? ipv4Groups(part) : undefined;
    if (!pair) return undefined;
    groups.push(...pair);
  }
  return groups;
}

function ipv4Groups(text: string): readonly [number, number] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every(isByte)) return undefined;
  const [first, second, third, fourth] = parts.map(Number) as [number, number, number, number];
  return [first * 256 + second, third * 256 + fourth];
}

function isByte(text: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
}
