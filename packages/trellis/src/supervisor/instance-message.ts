import type { Role } from "../model/plan.ts";
import type { InstanceError, ReadyFacts } from "./instance-process.ts";

/** What a supervisor answers a new process that asks which instance to be. Sent, not set as variables: it holds secrets. */
export interface InstanceOrder {
  /** One role; both in development, where one process does everything. */
  readonly roles: readonly Role[];
  /** Which of its role it is, counted from 1: `web-1` is its name. */
  readonly number: number;
  /** The app's data folder. */
  readonly folder: string;
  /** The app's `trellis.config.ts`. */
  readonly config: string;
  readonly databaseUrl: string;
  readonly secret: string;
  readonly port: number;
  readonly host?: string;
  /** Logs for people, and the first owner's key from this process. */
  readonly development?: boolean;
}

/** What an instance tells its supervisor. */
export type InstanceReport =
  | { readonly kind: "asks" }
  | { readonly kind: "ready"; readonly facts: ReadyFacts }
  | { readonly kind: "failed"; readonly error: InstanceError };
