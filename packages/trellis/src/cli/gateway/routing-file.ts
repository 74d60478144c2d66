import { readFileSync } from "node:fs";
import { z } from "zod";
import type { RoutingTable } from "../../gateway/port.ts";
import { checkTable } from "../../gateway/routing/check-table.ts";
import { TrellisError } from "../../model/errors.ts";
import { balancerNames } from "../../policies/balancing/make-balancer.ts";

const positive = z.number().positive();
const whole = z.number().int().min(0);

const upstream = z.strictObject({
  id: z.string().min(1).optional(),
  url: z.string(),
  host: z.enum(["client", "origin"]).optional(),
  weight: positive.optional(),
  backup: z.boolean().optional(),
  draining: z.boolean().optional(),
});

const routing = z.strictObject({
  hosts: z.array(z.strictObject({ host: z.string(), prefix: z.string().optional(), service: z.string() })),
  services: z.array(
    z.strictObject({
      name: z.string().min(1),
      pool: z.string(),
      balance: z.enum(balancerNames).optional(),
      hashBy: z.string().optional(),
      stickyCookie: z.string().optional(),
      timeoutMs: positive.optional(),
      concurrencyMax: whole.optional(),
      queueMax: whole.optional(),
      rateLimits: z
        .array(z.strictObject({ by: z.enum(["client", "key"]), perSecond: positive, burst: positive }))
        .optional(),
      edge: z.boolean().optional(),
      maintenance: z.string().optional(),
      holdMs: whole.optional(),
    }),
  ),
  pools: z.array(
    z.strictObject({ name: z.string().min(1), upstreams: z.array(upstream), healthPath: z.string().optional() }),
  ),
});

/** Reads a table from a file of JSON. Throws `invalid-routing` with the file and every place that is wrong. */
export function readRoutingFile(path: string, version: number): RoutingTable {
  const parsed = routing.safeParse(readJson(path));
  if (!parsed.success) throw wrong(path, parsed.error.issues.map(problemText).join("; "));
  const { hosts, services, pools } = parsed.data;
  const table = { version, hosts, services, pools: pools.map(poolOf) } as RoutingTable;
  try {
    checkTable(table);
  } catch (error) {
    throw wrong(path, error instanceof Error ? error.message : String(error));
  }
  return table;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw wrong(path, (cause as Error).message);
  }
}

/** An upstream without a name is known by its address. */
function poolOf({ upstreams, ...pool }: z.infer<typeof routing>["pools"][number]): object {
  return {
    ...pool,
    upstreams: upstreams.map(({ id, url, host, ...rest }) => ({
      id: id ?? hostOf(url),
      address: { url, ...(host === undefined ? {} : { host }) },
      ...rest,
    })),
  };
}

/** `10.0.0.7:8080`: what an origin is called where nobody has named it. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host || url;
}

function problemText({ path, message }: z.core.$ZodIssue): string {
  const place = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return place === "" ? message : `${place.replace(/^\./, "")}: ${message}`;
}

function wrong(path: string, says: string): TrellisError {
  return new TrellisError("invalid-routing", { says: `${path}: ${says}` });
}
