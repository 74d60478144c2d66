import type { PayloadForm } from "./payload-form.ts";

/** What a queue's jobs and results look like as JSON. */
export interface QueueForms<Job, Result> {
  readonly job: PayloadForm<Job>;
  readonly result: PayloadForm<Result> | undefined;
}
