/** What of the list is shown: in the address, and only where it differs from the usual. */
export interface LinkSearch {
  readonly q?: string;
  readonly state?: "archived" | "all";
  readonly sort?: "oldest" | "most-followed";
}

export const sorts = { newest: "Newest first", oldest: "Oldest first", "most-followed": "Most clicks" } as const;
export const states = { active: "Active", archived: "Archived", all: "All" } as const;

/** Reads an address that anybody may have typed: what it does not know is left out. */
export function readLinkSearch(raw: Readonly<Record<string, unknown>>): LinkSearch {
  const { q, state, sort } = raw;
  return {
    ...(typeof q === "string" && q.trim() !== "" ? { q: q.slice(0, 200) } : {}),
    ...(state === "archived" || state === "all" ? { state } : {}),
    ...(sort === "oldest" || sort === "most-followed" ? { sort } : {}),
  };
}
