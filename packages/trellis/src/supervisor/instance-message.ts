import type { InstanceRange } from "../model/group.ts";
import type { Role } from "../model/plan.ts";
import type { InstanceError, ReadyFacts } from "./instance-process.ts";

/** Which instance a new process is to be. Sent, neither named in its arguments nor set as variables: it holds secrets. */
export interface InstanceOrder {
  /** One role; both in development, where one process does everything. */
  readonly roles: readonly Role[];
  /** The group of the plan that it is one of; the shared one of its role unless said. */
  readonly group?: string;
  /** Which of its group it is, counted from 1: `web-1` is its name. */
  readonly number: number;
  /** The app's data folder. */
  readonly folder: string;
  /** The app's `trellis.config.ts`. */
  readonly config: string;
  readonly databaseUrl: string;
  readonly secret: string;
  /** Listened on by this process itself; without it nothing but its private port is, and `framesSocket`. */
  readonly port?: number;
  readonly host?: string;
  /** The Unix socket on which the gateway asks it. */
  readonly framesSocket?: string;
  /** Where its supervisor, and any that comes after it, is asked to wake what is at rest. */
  readonly control?: string;
  /** Between how many instances groups have, where that was said by hand. */
  readonly ranges?: Readonly<Record<string, InstanceRange>>;
  /** Logs for people, and the first owner's key from this process. */
  readonly development?: boolean;
}

/** What an instance tells its supervisor. */
export type InstanceReport =
  | { readonly kind: "ready"; readonly facts: ReadyFacts }
  | { readonly kind: "failed"; readonly error: InstanceError };
