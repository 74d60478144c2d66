import type { Opened, Opening } from "../../model/block.ts";
import type { Schema } from "../../model/schema.ts";
import type { Work } from "../../model/service.ts";
import { jobHandler } from "./job-handler.ts";
import type { Queue } from "./jobs.ts";
import { payloadForm } from "./payload-form.ts";
import { queueEngine } from "./port.ts";
import type { QueueForms } from "./queue-forms.ts";
import { QueueHandle } from "./queue-handle.ts";
import type { QueueSettings } from "./queue-settings.ts";

/** Opens one queue on this instance. Its jobs are worked once `serve` was called. */
export function openQueue<Job, Result>(
  schema: Schema,
  settings: QueueSettings<Job>,
  opening: Opening,
): Opened<Queue<Job, Result>> {
  const { unique, returns, upcast: _upcast, ...common } = settings;
  const { service, name, engine } = opening;
  const jobs = engine(queueEngine).open({ ...common, queue: `${service}.${name}`, service });
  const forms: QueueForms<Job, Result> = {
    job: payloadForm(schema as Schema<unknown, Job>, "job"),
    result: returns && payloadForm(returns as Schema<unknown, Result>, "result"),
  };
  return {
    handle: new QueueHandle(jobs, forms, { unique, tracing: opening.tracing }),
    serve: (run) =>
      jobs.work(jobHandler(run as (work: Work<Job, Result>) => Promise<unknown>, forms, { ...opening, settings })),
  };
}
