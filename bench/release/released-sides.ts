import { hasProgram } from "../src/harness/has-program.ts";
import { startReleasedNginx } from "./nginx.ts";
import { startReleasedPm2 } from "./pm2.ts";
import type { ReleasedSide } from "./released-side.ts";
import { startReleasedTrellis } from "./trellis.ts";

export type StartReleasedSide = () => Promise<ReleasedSide>;

export function releasedSides(): Readonly<Record<string, StartReleasedSide>> {
  return {
    trellis: startReleasedTrellis,
    ...(hasProgram("nginx") ? { nginx: startReleasedNginx } : {}),
    pm2: startReleasedPm2,
  };
}
