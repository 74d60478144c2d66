/** Thrown by a `JobHandler`: this job can never succeed, so it is dead at once, with the message as the reason. */
export class DeadJobError extends Error {
  override readonly name = "DeadJobError";
}
