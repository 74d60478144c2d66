/** What one kind of error is. `status` answers HTTP; `exit` ends a command (the numbers of BSD's sysexits.h). */
interface Entry {
  readonly title: string;
  readonly cure: string;
  readonly status: number;
  readonly exit: number;
}

const usage = 64;
const dataErr = 65;
const unavailable = 69;
const software = 70;
const osErr = 71;
const cantCreate = 73;
const ioErr = 74;
const protocol = 76;
const config = 78;

const entry = (status: number, exit: number, title: string, cure: string): Entry => ({ status, exit, title, cure });

/** Every error that the platform itself can give, in one place. Apps add theirs with `failure`. */
export const errorCatalogue = {
  // Requests
  "malformed-json": entry(400, dataErr, "The body is not JSON", "Send valid JSON."),
  "malformed-request": entry(400, dataErr, "The request is malformed", "Check the request line, headers and length."),
  "invalid-input": entry(422, dataErr, "The input does not fit", "Correct the fields named in `fields`."),
  unauthenticated: entry(401, dataErr, "Nobody is signed in", "Send `authorization: Bearer KEY` with a valid key."),
  forbidden: entry(403, dataErr, "Not allowed", "Ask for a key with the scope that is named."),
  "unknown-route": entry(404, dataErr, "Nothing is here", "See /openapi.json for the routes there are."),
  "wrong-method": entry(
    405,
    dataErr,
    "The method is not allowed here",
    "Use one of the methods in the `allow` header.",
  ),
  "precondition-failed": entry(412, dataErr, "It has changed meanwhile", "Read it again, then repeat the change."),
  "body-too-large": entry(413, dataErr, "The body is too large", "Send less, or raise the limit `TRELLIS_BODY_MAX`."),
  "address-too-long": entry(414, dataErr, "The address is too long", "Move the data into the body."),
  "wrong-media-type": entry(415, dataErr, "The media type is not supported", "Send `content-type: application/json`."),
  "headers-too-large": entry(431, dataErr, "The headers are too large", "Send fewer or shorter headers."),
  "key-reused": entry(
    422,
    dataErr,
    "The idempotency key belongs to another request",
    "Use a new key for each request.",
  ),
  "key-in-progress": entry(409, unavailable, "A request with this idempotency key is running", "Try again shortly."),
  "request-timeout": entry(408, unavailable, "The request came too slowly", "Send it again, faster."),
  "deadline-exceeded": entry(504, unavailable, "There was no answer in time", "Try again later, or allow more time."),
  unavailable: entry(503, unavailable, "Not available for the moment", "Try again shortly."),
  "unexpected-answer": entry(
    502,
    protocol,
    "The answer is not what the contract promises",
    "Check the address, and that both sides run releases that fit.",
  ),
  // Of the gateway
  "unknown-host": entry(404, dataErr, "No service answers at this host", "Check the host in the address."),
  misdirected: entry(421, dataErr, "The connection is for another host", "Ask again on a connection of its own."),
  "upgrade-required": entry(
    426,
    dataErr,
    "This is a WebSocket",
    "Connect to it as one: `new WebSocket(…)`, or a client made from the contract.",
  ),
  "rate-limited": entry(
    429,
    unavailable,
    "Too many requests",
    "Wait as long as `retry-after` says, then go on slower.",
  ),
  "not-implemented": entry(501, dataErr, "The gateway does not do that", "Use another method or encoding."),
  "no-answer": entry(502, unavailable, "The service gave no usable answer", "Try again shortly."),
  maintenance: entry(503, unavailable, "Closed for maintenance", "Try again later."),
  "request-loop": entry(508, config, "The gateway was sent its own request", "Correct the address behind the gateway."),
  "broken-certificate": entry(
    500,
    config,
    "A certificate cannot be used",
    "Check that certificate and key are PEM and belong together.",
  ),
  internal: entry(
    500,
    software,
    "Something went wrong on our side",
    "Try again; the log has the cause under the request id.",
  ),
  // Data
  "unique-violation": entry(409, dataErr, "It exists already", "Choose another value."),
  "foreign-key-violation": entry(
    409,
    dataErr,
    "It refers to something that is not there",
    "Create that first, or correct the reference.",
  ),
  "check-violation": entry(422, dataErr, "A rule of the data forbids it", "Correct the value."),
  "not-null-violation": entry(422, dataErr, "A required value is missing", "Give the value."),
  "serialization-failure": entry(409, unavailable, "Others changed the same data at the same moment", "Try again."),
  "statement-timeout": entry(
    504,
    unavailable,
    "The database took too long",
    "Add an index, ask for less, or raise TRELLIS_STATEMENT_TIMEOUT.",
  ),
  "database-unreachable": entry(
    503,
    unavailable,
    "The database cannot be reached",
    "Check DATABASE_URL and that the server runs.",
  ),
  "outcome-unknown": entry(
    503,
    unavailable,
    "It may or may not have been done",
    "Read again before repeating it, or send an Idempotency-Key.",
  ),
  "disk-full": entry(507, ioErr, "The disk is full", "Free some space; nothing half-written was kept."),
  "outside-transaction": entry(
    500,
    software,
    "A change outside the open transaction",
    "Use `.in(tx)`, so that it takes effect with the transaction.",
  ),
  // Jobs
  "unknown-job": entry(404, dataErr, "There is no such job", "Check the id; finished jobs are forgotten in time."),
  "job-failed": entry(500, software, "The job has failed", "See the job's error; retry it when its cause is mended."),
  "lease-lost": entry(
    409,
    unavailable,
    "Another worker has the job by now",
    "Let it go: what this transaction wrote is not kept.",
  ),
  // Programs and machines
  usage: entry(500, usage, "The command was not understood", "See `trellis --help`."),
  "invalid-setting": entry(500, config, "A setting is wrong", "Correct the setting."),
  "invalid-app": entry(500, config, "The app does not fit together", "Correct the declaration that is named."),
  "no-engine": entry(
    500,
    config,
    "No engine stands behind a block",
    "Remove the block, or use a version that has its engine.",
  ),
  "no-config": entry(500, config, "There is no trellis.config.ts", "Run the command in the app's folder."),
  "no-pages": entry(
    500,
    config,
    "The pages of a service are not there",
    "Build them into the folder that is named: `npm run build:pages`.",
  ),
  "broken-config": entry(500, config, "The app could not be loaded", "Correct the error below."),
  "wrong-node": entry(
    500,
    config,
    "This Node.js is too old",
    "Use Node.js 24, or run it through npm, which brings its own.",
  ),
  "wrong-platform": entry(
    500,
    osErr,
    "This machine is not supported",
    "Use Linux (x64, arm64) or macOS, or set DATABASE_URL.",
  ),
  "port-in-use": entry(500, osErr, "The port is in use", "Choose another with --port, or end the program that has it."),
  "data-folder": entry(
    500,
    cantCreate,
    "The data folder cannot be used",
    "Choose another with --data, or mend it as described.",
  ),
  "data-folder-in-use": entry(
    500,
    cantCreate,
    "Another Trellis is using this data folder",
    "Stop that one, or choose another folder with --data.",
  ),
  "data-folder-newer": entry(
    500,
    config,
    "The data was written by a newer version",
    "Use the newer version, or another folder with --data.",
  ),
  "data-folder-older": entry(
    500,
    config,
    "The data was written by an older major version of PostgreSQL",
    "Restore a backup made with that version, or choose another folder with --data.",
  ),
  "broken-migration": entry(500, dataErr, "A migration failed", "Correct the file; nothing of it was kept."),
  "changed-migration": entry(
    500,
    dataErr,
    "A migration was changed after it ran",
    "Restore the file and put the change into a new one.",
  ),
  "broken-backup": entry(500, dataErr, "The backup is damaged or incomplete", "Use another backup."),
  "start-failed": entry(500, software, "An instance did not start", "See the error of the instance above."),
  "broken-frames": entry(
    502,
    protocol,
    "What came between gateway and instance is broken",
    "See that both run releases that fit.",
  ),
  busy: entry(409, unavailable, "Something else is under way", "Try again when it is done."),
  "not-running": entry(503, unavailable, "The app does not run here", "Start it with `trellis start`."),
  "release-failed": entry(
    500,
    software,
    "The release does not serve",
    "Correct what is named and deploy again; the release before goes on serving.",
  ),
  "release-gone": entry(
    410,
    unavailable,
    "The code of the release is not kept any more",
    "Go back to a later one, or deploy it anew.",
  ),
  "incompatible-migration": entry(
    500,
    dataErr,
    "A migration would break the release that runs",
    "Expand first, contract later: see docs/releases.md.",
  ),
  "gateway-refused": entry(500, config, "The gateway does not do what it was told", "Correct what is named."),
  "invalid-routing": entry(500, config, "The gateway's configuration is wrong", "Correct the place that is named."),
} as const satisfies Record<string, Entry>;

/** The codes of the platform's own errors: stable, safe to branch on. */
export type ErrorCode = keyof typeof errorCatalogue;

/** One field that is wrong. `field` is a path such as `body.target`; `problem` says what is wrong with it. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

export interface ErrorFacts {
  /** What happened just here, in one sentence without a full stop. Shown to the caller. */
  readonly says?: string;
  /** A better cure than the catalogue's, where one is known. */
  readonly cure?: string;
  readonly fields?: readonly FieldProblem[];
  /** When trying again makes sense. Sent as `retry-after`. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An error of the platform: a code to branch on, a title, what happened and how to mend it. */
export class TrellisError extends Error {
  override readonly name = "TrellisError";
  readonly code: ErrorCode;
  readonly title: string;
  readonly cure: string;
  readonly status: number;
  readonly exit: number;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, facts: ErrorFacts = {}) {
    const known = errorCatalogue[code];
    super(facts.says ?? known.title, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.title = known.title;
    this.cure = facts.cure ?? known.cure;
    this.status = known.status;
    this.exit = known.exit;
    this.fields = facts.fields ?? [];
    this.retryAfterMs = facts.retryAfterMs;
  }
}
