import type { Queries } from "trellis";
import type { Link } from "./contract.ts";
import type { Tables } from "./tables.ts";

export type LinkRow = Tables["link"];

const codeForm = /^[A-Za-z0-9_-]{3,64}$/;

/** Whether a link could have this code: what could not is not looked for. */
export function isCode(text: string): boolean {
  return codeForm.test(text);
}

/** The workspace's link with this code. Other workspaces' links are as unknown to it as those that never were. */
export async function findLink(
  queries: Queries<Tables>,
  workspace: string,
  code: string,
  lock?: "for update",
): Promise<LinkRow | undefined> {
  if (!isCode(code)) return undefined;
  const found = queries.selectFrom("link").selectAll().where("code", "=", code).where("workspace", "=", workspace);
  return await (lock ? found.forUpdate() : found).executeTakeFirst();
}

/** The link as callers see it. `origin` is where they reach us. */
export function toLink({ code, target, state, version, created_at }: LinkRow, origin: string): Link {
  return { code, target, url: `${origin}/${code}`, state, version, createdAt: created_at.toISOString() };
}
