/** An address as people say it: without scheme, `www.` and a last slash. */
export function bareAddress(address: string): string {
  return address.replace(/^https?:\/\/(?:www\.)?/, "").replace(/\/$/, "");
}

/** The site and what follows it, for showing them apart. */
export function splitAddress(address: string): { readonly site: string; readonly rest: string } {
  const bare = bareAddress(address);
  const end = bare.search(/[/?#]/);
  return end < 0 ? { site: bare, rest: "" } : { site: bare.slice(0, end), rest: bare.slice(end) };
}
