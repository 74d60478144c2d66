import type { Plan } from "../../model/plan.ts";
import type { ReleaseStep } from "../../supervisor/control-words.ts";
import type { SupervisorEvent } from "../../supervisor/supervisor-event.ts";
import { tryIt } from "./try-it.ts";

/** The last event before an app serves. */
export interface ReadyEvent {
  readonly event: "ready";
  readonly url: string;
  readonly port: number;
  readonly data: string;
  readonly instances: readonly { readonly role: string; readonly url: string; readonly pid: number }[];
  readonly ownerKey?: string;
}

const origins = {
  created: "PostgreSQL: a new database",
  started: "PostgreSQL: started",
  recovered: "PostgreSQL: started, and recovered what had not been written down",
  adopted: "PostgreSQL: still running",
  networked: "PostgreSQL: the server that DATABASE_URL names",
} as const;

const processNames = { database: "PostgreSQL", gateway: "gateway" } as const;

/** One line for people; empty for what they need not know. */
export function eventText(event: SupervisorEvent): string {
  if (event.event === "database") return origins[event.origin];
  if (event.event === "instance") return `${event.name} ready: process ${event.pid} at ${event.url}`;
  if (event.event === "scaling") return event.done ? `${event.group}: ${event.says}` : "";
  if (event.event === "release") return stepText(event);
  const name = "name" in event ? event.name : processNames[event.role];
  return `${name} ended (process ${event.pid}: ${event.because}); starting again in ${event.inMs} ms`;
}

/** How far a release is. */
export function stepText({ release, says }: ReleaseStep): string {
  return `release ${release}: ${says}`;
}

/** What someone needs who has just started an app. */
export function readyText({ url, data, ownerKey }: ReadyEvent, plan: Plan): string {
  const names = plan.services.map(({ contract }) => contract.name).join(", ");
  const key = ownerKey ?? "KEY";
  return [
    "",
    `${names || "The app"} at ${url}`,
    `  every route: ${url}/openapi`,
    `  data: ${data}`,
    ...(ownerKey === undefined ? [] : ["", ownerKeyText(ownerKey)]),
    "",
    "Try it:",
    `  ${tryIt(plan, url, key)}`,
    "",
  ].join("\n");
}

export function ownerKeyText(ownerKey: string): string {
  return `The owner's key, shown this once (trellis key new --owner makes another):\n  ${ownerKey}`;
}
