/**
 * The host that a `referer` header names, without `www.`: empty where there is none. A host that is an IP address is
 * left out too: it names no site, and may be somebody's own.
 */
export function referrerHost(referer: string | undefined): string {
  if (referer === undefined) return "";
  const scheme = referer.indexOf("://");
  if (scheme < 0) return "";
  const authority = referer.slice(scheme + 3, end(referer, scheme + 3));
  const host = authority.slice(authority.lastIndexOf("@") + 1).replace(/:\d*$/, "");
  const name = host
    .toLowerCase()
    .replace(/^www\./, "")
    .replace(/\.$/, "");
  return isName(name) ? name : "";
}

function end(address: string, from: number): number {
  for (let at = from; at < address.length; at++) {
    const character = address.charCodeAt(at);
    // A slash of either kind, a question mark or a hash.
    if (character === 0x2f || character === 0x5c || character === 0x3f || character === 0x23) return at;
  }
  return address.length;
}

/** Labels of letters, digits and hyphens, the last one no number: as registries give them, or `localhost`. */
function isName(host: string): boolean {
  return host.length <= 253 && /^(?:[a-z0-9_-]{1,63}\.)*(?!\d+$)[a-z0-9_-]{1,63}$/.test(host);
}
