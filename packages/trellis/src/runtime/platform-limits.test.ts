import { expect, test } from "vitest";
import { messagesKeptMs, pollMs } from "../blocks/database/bus/limits.ts";
import * as connections from "../blocks/database/connections/limits.ts";
import { readyMsMax, stopMsMax } from "../blocks/database/embedded/limits.ts";
import { wakesGatheredMs } from "../blocks/database/wakes/limits.ts";
import { signedCallerMsMax } from "../blocks/http/endpoint/caller-header.ts";
import { answersKeptMs } from "../blocks/http/once/limits.ts";
import { pagesBytesMax, pagesFilesMax } from "../blocks/http/pages/limits.ts";
import * as server from "../blocks/http/server/limits.ts";
import { guessersMax, guessesMax, rememberedMax, rememberMs, sessionMsMax } from "../blocks/identity/limits.ts";
import * as queue from "../blocks/queue/limits.ts";
import * as schedule from "../blocks/schedule/limits.ts";
import * as stream from "../blocks/stream/limits.ts";
import * as spool from "../blocks/stream/spool/limits.ts";
import * as frames from "../frames/limits.ts";
import { scaleDefaults } from "../policies/autoscaling/scale-defaults.ts";
import { slowStartMsDefault } from "../policies/balancing/limits.ts";
import { circuitDefaults } from "../policies/circuit-breaker.ts";
import { fingerprintsMax, userAgentCharactersMax } from "../policies/client-facts/fingerprints.ts";
import { fetchAheadMs } from "../policies/client-facts/salts.ts";
import * as health from "../policies/health/limits.ts";
import { addressCharactersMax } from "../policies/http/strictness.ts";
import { triesMax } from "../policies/may-retry.ts";
import { keyLengthMax } from "../policies/rate-limit/bucket-table.ts";
import { rateLimitTableDefaults } from "../policies/rate-limit/rate-limit-table.ts";
import { leaseMs } from "../policies/rate-limit/token-lease.ts";
import { requestHoldDefaults } from "../policies/request-hold.ts";
import { restartPauseMsMax } from "../policies/restart.ts";
import { retryBudgetDefaults } from "../policies/retry-budget.ts";
import { segmentBytesMax } from "../spool/limits.ts";
import * as telemetry from "../telemetry/limits.ts";
import * as instances from "./instances/limits.ts";
import { platformLimits } from "./platform-limits.ts";

/** What the code works with, by the name under which `trellis plan` prints it. */
const used: Readonly<Record<string, number>> = {
  address: addressCharactersMax,
  "pages of a service in each instance": pagesBytesMax,
  "files of a service's pages": pagesFilesMax,
  "session of a browser": sessionMsMax,
  "wrong keys a minute at /v1/session, from one address in each instance": guessesMax,
  "addresses whose wrong keys are counted in each instance": guessersMax,
  "path parameter": server.parameterCharactersMax,
  "arrival of a request's head": server.headMsMax,
  "idle connection of a caller": server.keepAliveMsDefault,
  "WebSocket of a client that does not answer": 2 * server.pingEveryMs,
  "answer of a part to /readyz": server.healthMsMax,
  "head between gateway and instance": frames.headBytesMax,
  "figures that a gateway tells an instance": frames.figuresBytesMax,
  "frame of a body between gateway and instance": frames.dataBytesMax,
  "body under way between gateway and instance": frames.windowBytes,
  "requests at once on a connection of the gateway to an instance": frames.streamsMax,
  "greeting between gateway and instance": frames.helloMsMax,
  "signed caller of a call between services": signedCallerMsMax,
  "user agent read to tell visitors apart": userAgentCharactersMax,
  "user agents remembered to tell visitors apart": fingerprintsMax,
  "fetch of the next day's salt before midnight": fetchAheadMs,
  "idempotency keys, kept": answersKeptMs,
  "API keys remembered, age": rememberMs,
  "API keys remembered in each instance": rememberedMax,
  "wait for a database connection": connections.waitMsDefault,
  "statement of a process that was killed": connections.clientCheckMs,
  "idle transaction": connections.idleInTransactionMs,
  "silence of the database, beyond a statement's time": connections.silenceMs,
  "idle connection of a pool": connections.idleConnectionMs,
  "repeats of a transaction": connections.retriesDefault,
  "writes of a transaction that wait to go with its next statement": connections.deferredMax,
  "prepared statements of a connection": connections.preparedMax,
  "statements of a service that are known by name in the figures": connections.namesMax,
  "start of the embedded database": readyMsMax,
  "end of the embedded database": stopMsMax,
  "messages between instances, kept": messagesKeptMs,
  "messages between instances, lateness": pollMs,
  "wakes between instances, gathered": wakesGatheredMs,
  "silence of an instance before its jobs go to others": queue.leaseMs,
  "jobs of one claim": queue.claimMax,
  "jobs of one enqueueMany": queue.enqueuedAtOnceMax,
  event: stream.eventBytesMax,
  "key of an event": stream.keyCharactersMax,
  "batch of events": stream.batchBytesMax,
  "handling a batch": stream.batchMsMax,
  "batches that one consumer handles at once in an instance": stream.batchesAtOnce,
  "connections of one consumer in an instance": stream.batchConnections,
  "stop of a consumer": stream.stopMs,
  "silence of a consuming instance": stream.deadMs,
  "rest of a partition that has handled all there was": stream.restMsMax,
  "lateness of an event": stream.pollMs,
  "spooled records that a power loss may take": spool.syncEveryMs,
  "spooled records, forwarded at once": spool.batchRecordsMax,
  "forwarding of spooled records at an instance's end": spool.closeMsMax,
  "file of a spool": segmentBytesMax,
  "spool of a dead process, found": spool.lookEveryMs,
  "records of gateways, found": spool.edgeLookEveryMs,
  "folders of dead processes, forwarded at once": spool.takeoversMax,
  "events of the edge that a service makes at once": stream.edgeEventsAtOnce,
  "count of other instances, awaited": spool.reportsAwaitedMs,
  "shortest `every` of a schedule": schedule.everyMsMin,
  "lateness of a schedule's time before it is missed": schedule.onTimeMs,
  "lateness of a schedule's time after a crash": schedule.lookMsMax,
  "run of a schedule": schedule.runMsMax,
  "runs of a schedule that are remembered": schedule.runsKept,
  "pause between two signs of life of an instance": instances.beatMs,
  "silence of an instance before the list leaves it out": instances.silentMsMax,
  "lateness of where a service answers that was split out": instances.lookEveryMs,
  "wait of a call for a service that was at rest": instances.wakeMsMax,
  "tries of a request": triesMax,
  "retries a second without counting on others": retryBudgetDefaults.perSecond,
  "pause before a failing service is asked again": circuitDefaults.openMsMax,
  "requests that ask a failing service again at once": circuitDefaults.probes,
  "requests held for one service": requestHoldDefaults.requestsMax,
  "clients and keys with a rate limit of their own": rateLimitTableDefaults.keysMax,
  "length of such a key": keyLengthMax,
  "time for which a gateway keeps its part of a rate limit": leaseMs,
  "pause before an instance starts again": restartPauseMsMax,
  "instances of a group that follow its load": scaleDefaults.instancesPerCore,
  "silence after which a group comes to rest": 90_000,
  "time for which fewer instances must do before some are stopped": scaleDefaults.downMs,
  "requests under way in an instance before another is started": scaleDefaults.inFlightTarget,
  "slow start of an instance, until it gets its whole share of requests": slowStartMsDefault,
  "pause between two checks of an instance by the gateway": health.checkEveryMs,
  "answer of an instance to the gateway's check": health.checkTimeoutMs,
  "failed answers in a row before an instance is left alone": health.failuresInARow,
  "time for which a failing instance is left alone": health.ejectionMsMax,
  "combinations of labels of one metric": telemetry.seriesMax,
  "purge that an instance tells a gateway": frames.purgeBytesMax,
  "reading of a figure for /metrics": telemetry.readMsMax,
  "answer of an instance for /metrics of all": telemetry.peerMsMax,
  "sending of the last spans at the end": telemetry.lastSpansMsMax,
};

test("every bound of the platform's own parts is printed, with the value that the code works with", () => {
  expect(Object.fromEntries(platformLimits.map(({ name, value }) => [name, value]))).toEqual(used);
});

test("no two limits have one name, and each says what changes it or why nothing does", () => {
  expect(new Set(platformLimits.map(({ name }) => name)).size).toBe(platformLimits.length);
  for (const { set } of platformLimits) expect(set).toMatch(/^fixed[:,] .|TRELLIS_|retries/);
});
