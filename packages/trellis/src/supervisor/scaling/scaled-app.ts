import type { GatewayFigures } from "../../gateway/port.ts";
import type { Scale } from "../state.ts";

/** What scaling sees of what runs, and how it changes that. */
export interface ScaledApp {
  /** Those that may have more or fewer instances than they have. */
  scaledGroups(): readonly ScaledGroup[];
  /** What is under way that scaling must not come between: `release 3`. */
  readonly underWay: string | undefined;
  /** Services whose requests are held on purpose. */
  readonly pausedServices: readonly string[];
  /** The latest of every gateway that is reached. */
  readonly figures: readonly GatewayFigures[];
  /** Gives a group so many instances. `failed` is told of each new one that never serves, and why. */
  resize(group: string, instances: number, failed: (error: unknown) => void): void;
}

export interface ScaledGroup {
  readonly name: string;
  readonly services: readonly string[];
  readonly answers: boolean;
  readonly works: boolean;
  readonly range: Scale;
  /** Those that are to stay. One that has crashed and is started again counts as starting. */
  readonly instances: readonly ScaledInstance[];
}

export interface ScaledInstance {
  /** Also in the figures of gateways; undefined while there is no process. */
  readonly id: string | undefined;
  readonly pid: number | undefined;
  /** Undefined until it is ready. */
  readonly privateUrl: string | undefined;
}
