import type { EmbeddedServer } from "../blocks/database/port.ts";
import type { Role } from "../model/plan.ts";
import type { ReleaseStep } from "./control-words.ts";
import type { ScaleNote } from "./scaling/scale-note.ts";

/** What happens to the processes of one machine, as data: `trellis start --json` prints each as one line. */
export type SupervisorEvent = InstanceReady | Restart | DatabaseReady | Scaling | ReleaseStep;

/** An instance serves. */
export interface InstanceReady {
  readonly event: "instance";
  /** As `trellis status` shows it: `web-1`. */
  readonly name: string;
  readonly role: Role;
  readonly pid: number;
  /** The address of this instance alone. */
  readonly url: string;
}

/** A process ended by itself and will be started again. */
export type Restart = ProcessEnd &
  (
    | { readonly role: Role /** As `trellis status` shows it: `web-1`. */; readonly name: string }
    | { readonly role: "database" | "gateway" }
  );

interface ProcessEnd {
  readonly event: "restart";
  /** The process that ended. */
  readonly pid: number;
  readonly because: string;
  readonly inMs: number;
}

/** The database is there: the embedded PostgreSQL server, or one that runs elsewhere. */
export interface DatabaseReady {
  readonly event: "database";
  /** How the embedded server came to run. */
  readonly origin: EmbeddedServer["origin"] | "networked";
  /** The embedded server's process. */
  readonly pid?: number;
  /** Where the embedded server is reached from this machine. */
  readonly url?: string;
}

/** A group is to have more or fewer instances, or would be but for a reason. */
export interface Scaling extends ScaleNote {
  readonly event: "scaling";
}
