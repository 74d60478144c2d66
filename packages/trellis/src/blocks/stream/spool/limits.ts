import type { Limit } from "../../../model/limit.ts";
import { segmentBytesMax } from "../../../spool/limits.ts";

/** A power loss takes what was written since the disk was last told to keep it. */
export const syncEveryMs = 100;
/** Records wait this long to be brought into the stream together, or until there are `batchRecordsMax`. */
export const forwardEveryMs = 100;
export const batchRecordsMax = 5_000;
export const batchBytesMax = 1_500_000;
/** After a failure batches are halved down to this, and doubled again by each success. */
export const batchRecordsMin = 100;
/** How long an instance that ends goes on to forward: what is left then is for the others, or its successor. */
export const closeMsMax = 5_000;
/** Records of a turn that come to more are written before its end, so that they fill no memory. */
export const turnCharactersMax = 256_000;
export const forwardAgainMsMin = 100;
export const forwardAgainMsMax = 5_000;
/** How often spools of dead processes are looked for. */
export const lookEveryMs = 5_000;
/** How often records of gateways are looked for, where a stream has events of the edge. */
export const edgeLookEveryMs = 1_000;
/** Folders of dead processes that an instance has in its hands at the same moment. */
export const takeoversMax = 8;
/** Reasons why events of the edge cannot be made that are told one by one of each batch. */
export const unmadeLinesMax = 10;
/** An instance reports with each look. One that has been silent for longer than this is not waited for. */
export const silentMsMax = 3 * lookEveryMs;
/** How long a count waits in memory before it is reported, where forwarding has not done so. */
export const reportEveryMs = 1_000;
/** How long whoever asks for an exact count waits for the other instances to report theirs. */
export const reportsAwaitedMs = 300;

export const spoolLimits: readonly Limit[] = [
  {
    name: "spooled records that a power loss may take",
    value: syncEveryMs,
    unit: "ms",
    set: "fixed: how often the disk is told to keep them",
  },
  {
    name: "spooled records, forwarded at once",
    value: batchRecordsMax,
    unit: "entries",
    set: `fixed: or ${batchBytesMax / 1_000} KB, or after ${forwardEveryMs} ms`,
  },
  {
    name: "forwarding of spooled records at an instance's end",
    value: closeMsMax,
    unit: "ms",
    set: "fixed: what is left is forwarded by another instance of the machine",
  },
  { name: "file of a spool", value: segmentBytesMax, unit: "bytes", set: "fixed: deleted when it is forwarded" },
  {
    name: "spool of a dead process, found",
    value: lookEveryMs,
    unit: "ms",
    set: "fixed: how often each instance looks for them",
  },
  {
    name: "records of gateways, found",
    value: edgeLookEveryMs,
    unit: "ms",
    set: "fixed: how often each instance of a service with edge events looks for them",
  },
  {
    name: "folders of dead processes, forwarded at once",
    value: takeoversMax,
    unit: "entries",
    set: "fixed: those beyond are taken when others are done",
  },
  {
    name: "count of other instances, awaited",
    value: reportsAwaitedMs,
    unit: "ms",
    set: "fixed: whoever asks is told what there is by then",
  },
];
