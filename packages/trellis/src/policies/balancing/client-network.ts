/**
 * The network that a client's address stands for, so that a client whose last digits change stays one client: /24 of IPv4,
 * /56 of IPv6 (what a provider gives one customer). An IPv4 address in IPv6 form counts as IPv4. What is no address stands
 * for itself.
 */
export function clientNetwork(address: string): string {
  const plain = /^::ffff:\d+\./i.test(address) ? address.slice("::ffff:".length) : address;
  if (!plain.includes(":")) return ipv4Network(plain);
  const groups = ipv6Groups(plain);
  if (groups === undefined) return address;
  const [first, second, third, fourth] = groups as [number, number, number, number];
  return `${hex(first)}:${hex(second)}:${hex(third)}:${hex(fourth & 0xff00)}::/56`;
}

function ipv4Network(address: string): string {
  const lastDot = address.lastIndexOf(".");
  return lastDot < 0 ? address : `${address.slice(0, lastDot)}.0/24`;
}

/** The eight groups of an address, `::` and a zone (`%eth0`) considered; undefined where it is none. */
function ipv6Groups(address: string): readonly number[] | undefined {
  const [withoutZone = ""] = address.split("%", 1);
  const [head = "", tail, ...more] = withoutZone.split("::");
  const before = groupsOf(head);
  const after = groupsOf(tail ?? "");
  const zeros = 8 - before.length - after.length;
  const fits = more.length === 0 && (tail === undefined ? zeros === 0 : zeros >= 1);
  const groups = [...before, ...new Array<number>(Math.max(0, zeros)).fill(0), ...after];
  return fits && groups.every((group) => group >= 0) ? groups : undefined;
}

/** -1 for what is no group. An IPv4 address at the end is two groups. */
function groupsOf(text: string): readonly number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (/^[0-9a-f]{1,4}$/i.test(group)) return [Number.parseInt(group, 16)];
    return /^\d+\.\d+\.\d+\.\d+$/.test(group) ? [0, 0] : [-1];
  });
}

const hex = (group: number): string => group.toString(16);
