import type { Opening } from "../../model/block.ts";
import type { Work } from "../../model/service.ts";
import { DeadJobError } from "./dead-job-error.ts";
import type { ClaimedJob, JobHandler } from "./port.ts";
import type { QueueForms } from "./queue-forms.ts";
import type { QueueSettings } from "./queue-settings.ts";

interface HandlerParts<Job> extends Pick<Opening, "service" | "name" | "clock" | "random" | "log" | "tracing"> {
  readonly settings: QueueSettings<Job>;
}

type Run<Job, Result> = (work: Work<Job, Result>) => Promise<unknown>;

/** What the engine hands each job to: reads its payload, runs the service's handler, writes the result. */
export function jobHandler<Job, Result>(
  run: Run<Job, Result>,
  forms: QueueForms<Job, Result>,
  parts: HandlerParts<Job>,
): JobHandler {
  const { service, name, clock, random, log, tracing } = parts;
  const now = (): number => clock.now();
  const queue = `${service}.${name}`;
  const work = async (claimed: ClaimedJob): Promise<string | undefined> => {
    const job = await readJob(claimed.payload, forms, parts.settings.upcast);
    const returned = await run(new JobWork(claimed, forms, { job, now, random, log }));
    return writeResult(returned, forms);
  };
  if (!tracing.on) return work;
  return (claimed) => {
    const attributes = { "messaging.destination.name": queue, "messaging.message.id": claimed.id };
    return tracing.span({ name: `work ${queue}`, kind: "consumer", parent: claimed.trace, attributes }, () =>
      work(claimed),
    );
  };
}

/** The facts of a job that its handler is given besides what the engine knows of it. */
type WorkFacts<Job> = Pick<Work<Job>, "job" | "now" | "random" | "log">;

class JobWork<Job, Result> implements Work<Job, Result> {
  readonly job: Job;
  readonly now: () => number;
  readonly random: () => number;
  readonly id: string;
  readonly attempt: number;
  // Handlers take their work apart, so these need no `this`.
  readonly progress: Work<Job, Result>["progress"];
  readonly complete: Work<Job, Result>["complete"];
  readonly #claimed: ClaimedJob;
  readonly #log: Work<Job>["log"];

  constructor(claimed: ClaimedJob, forms: QueueForms<Job, Result>, { job, now, random, log }: WorkFacts<Job>) {
    this.job = job;
    this.now = now;
    this.random = random;
    this.id = claimed.id;
    this.attempt = claimed.attempt;
    this.progress = (done, of) => claimed.progress(done, of);
    this.complete = async (tx, ...[result]) => claimed.complete(tx, await writeResult(result, forms));
    this.#claimed = claimed;
    this.#log = log;
  }

  get log(): Work<Job>["log"] {
    return this.#log.with({ job: this.id, attempt: this.attempt });
  }

  get signal(): AbortSignal {
    return this.#claimed.signal;
  }
}

async function readJob<Job, Result>(
  payload: string,
  { job: form }: QueueForms<Job, Result>,
  upcast: ((old: unknown) => unknown) | undefined,
): Promise<Job> {
  const wire: unknown = JSON.parse(payload);
  const read = await form.read(wire);
  if ("value" in read) return read.value;
  const again = upcast ? await form.read(lifted(wire, upcast)) : read;
  if ("value" in again) return again.value;
  const problems = again.problems.map(({ field, problem }) => `${field}: ${problem}`).join("; ");
  throw new DeadJobError(`The payload does not fit the schema${upcast ? ", after upcast neither" : ""}: ${problems}`);
}

function lifted(wire: unknown, upcast: (old: unknown) => unknown): unknown {
  try {
    return upcast(wire);
  } catch (error) {
    throw new DeadJobError(`upcast failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function writeResult<Job, Result>(
  returned: unknown,
  { result: form }: QueueForms<Job, Result>,
): Promise<string> | undefined {
  return form?.write(returned as Result);
}
