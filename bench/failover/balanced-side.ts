import type { Traffic } from "../traffic/traffic-words.ts";

/** Three instances behind a gateway, one of which can be killed. */
export interface BalancedSide {
  readonly origin: Traffic["origin"];
  killOne(): void;
  end(): Promise<void>;
}
