import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { App } from "../model/app.ts";
import { TrellisError } from "../model/errors.ts";

export const configName = "trellis.config.ts";

/** The nearest `trellis.config.ts`, from the folder upwards. Throws `no-config`. */
export function findConfig(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, configName);
    if (existsSync(file)) return file;
    if (at === dirname(at))
      throw new TrellisError("no-config", { says: `There is no ${configName} in ${folder} or above it` });
  }
}

/** What the file exports. Throws `broken-config` with the place, or the platform's own error of a wrong declaration. */
export async function loadApp(file: string): Promise<App> {
  const exported: unknown = await import(pathToFileURL(file).href).then(
    (module: { readonly default?: unknown }) => module.default,
    (cause: unknown) => {
      if (cause instanceof TrellisError) throw cause;
      throw new TrellisError("broken-config", { says: whatBroke(file, cause), cause });
    },
  );
  if (isApp(exported)) return exported;
  throw new TrellisError("broken-config", {
    says: `${file} has no app as its default export`,
    cure: "Write `export default app({ services: [ … ] })` in it.",
  });
}

function isApp(value: unknown): value is App {
  return typeof value === "object" && value !== null && "services" in value && Array.isArray(value.services);
}

const place = /file:\/\/([^\s)]+?:\d+)/;

/** `app/service.ts:12: Unexpected token`, seen from the app's folder. */
function whatBroke(file: string, cause: unknown): string {
  if (!(cause instanceof Error)) return `${file} threw ${String(cause)}`;
  const found = place.exec(cause.stack ?? "")?.[1];
  const says = cause.message.replaceAll(/file:\/\//g, "").trim();
  const path = found === undefined ? file : decodeURI(found);
  return `${relative(dirname(file), path) || path}: ${says}`;
}
