/** What of a link is shown: in the address, and only where it differs from the usual. */
export interface DrawerSearch {
  /** The last 24 hours unless said otherwise. */
  readonly range?: "7d" | "30d";
  readonly show?: "qr" | "edit";
}

export function readDrawerSearch({ range, show }: Readonly<Record<string, unknown>>): DrawerSearch {
  return {
    ...(range === "7d" || range === "30d" ? { range } : {}),
    ...(show === "qr" || show === "edit" ? { show } : {}),
  };
}
