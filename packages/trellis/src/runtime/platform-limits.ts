import { busLimits } from "../blocks/database/bus/limits.ts";
import { connectionLimits } from "../blocks/database/connections/limits.ts";
import { embeddedLimits } from "../blocks/database/embedded/limits.ts";
import { wakeLimits } from "../blocks/database/wakes/limits.ts";
import { callerLimits } from "../blocks/http/endpoint/caller-header.ts";
import { onceLimits } from "../blocks/http/once/limits.ts";
import { pagesLimits } from "../blocks/http/pages/limits.ts";
import { serverLimits } from "../blocks/http/server/limits.ts";
import { keyLimits } from "../blocks/identity/limits.ts";
import { queueLimits } from "../blocks/queue/limits.ts";
import { scheduleLimits } from "../blocks/schedule/limits.ts";
import { streamLimits } from "../blocks/stream/limits.ts";
import { spoolLimits } from "../blocks/stream/spool/limits.ts";
import { frameLimits } from "../frames/limits.ts";
import type { Limit } from "../model/limit.ts";
import { scaleLimits } from "../policies/autoscaling/limits.ts";
import { balancingLimits } from "../policies/balancing/limits.ts";
import { clientLimits } from "../policies/client-facts/limits.ts";
import { healthLimits } from "../policies/health/limits.ts";
import { protectionLimits } from "../policies/limits.ts";
import { restartLimits } from "../policies/restart.ts";
import { telemetryLimits } from "../telemetry/limits.ts";
import { instanceLimits } from "./instances/limits.ts";

/** The bounds of the platform's own parts, which hold for every app. */
export const platformLimits: readonly Limit[] = [
  ...serverLimits,
  ...frameLimits,
  ...pagesLimits,
  ...callerLimits,
  ...clientLimits,
  ...onceLimits,
  ...keyLimits,
  ...connectionLimits,
  ...embeddedLimits,
  ...busLimits,
  ...wakeLimits,
  ...queueLimits,
  ...streamLimits,
  ...spoolLimits,
  ...scheduleLimits,
  ...instanceLimits,
  ...restartLimits,
  ...scaleLimits,
  ...protectionLimits,
  ...balancingLimits,
  ...healthLimits,
  ...telemetryLimits,
];
