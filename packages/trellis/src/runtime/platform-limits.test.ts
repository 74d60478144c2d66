import { expect, test } from "vitest";
import { messagesKeptMs, pollMs } from "../blocks/database/bus/limits.ts";
import * as connections from "../blocks/database/connections/limits.ts";
import { readyMsMax, stopMsMax } from "../blocks/database/embedded/limits.ts";
import { wakesGatheredMs } from "../blocks/database/wakes/limits.ts";
import { signedCallerMsMax } from "../blocks/http/endpoint/caller-header.ts";
import { answersKeptMs } from "../blocks/http/once/limits.ts";
import * as server from "../blocks/http/server/limits.ts";
import { rememberedMax, rememberMs } from "../blocks/identity/limits.ts";
import * as queue from "../blocks/queue/limits.ts";
import { restartPauseMsMax } from "../policies/restart.ts";
import { platformLimits } from "./platform-limits.ts";

/** What the code works with, by the name under which `trellis plan` prints it. */
const used: Readonly<Record<string, number>> = {
  address: server.addressCharactersMax,
  "path parameter": server.parameterCharactersMax,
  "arrival of a request's head": server.headMsMax,
  "idle connection of a caller": server.keepAliveMsDefault,
  "answer of a part to /readyz": server.healthMsMax,
  "signed caller of a call between services": signedCallerMsMax,
  "idempotency keys, kept": answersKeptMs,
  "API keys remembered, age": rememberMs,
  "API keys remembered in each instance": rememberedMax,
  "wait for a database connection": connections.waitMsDefault,
  "idle transaction": connections.idleInTransactionMs,
  "silence of the database, beyond a statement's time": connections.silenceMs,
  "idle connection of a pool": connections.idleConnectionMs,
  "repeats of a transaction": connections.retriesDefault,
  "prepared statements of a connection": connections.preparedMax,
  "start of the embedded database": readyMsMax,
  "end of the embedded database": stopMsMax,
  "messages between instances, kept": messagesKeptMs,
  "messages between instances, lateness": pollMs,
  "wakes between instances, gathered": wakesGatheredMs,
  "silence of an instance before its jobs go to others": queue.leaseMs,
  "jobs of one claim": queue.claimMax,
  "jobs of one enqueueMany": queue.enqueuedAtOnceMax,
  "pause before an instance starts again": restartPauseMsMax,
};

test("every bound of the platform's own parts is printed, with the value that the code works with", () => {
  expect(Object.fromEntries(platformLimits.map(({ name, value }) => [name, value]))).toEqual(used);
});

test("no two limits have one name, and each says what changes it or why nothing does", () => {
  expect(new Set(platformLimits.map(({ name }) => name)).size).toBe(platformLimits.length);
  for (const { set } of platformLimits) expect(set).toMatch(/^fixed[:,] .|TRELLIS_|retries/);
});
