/** What an instance is there for: `web` answers requests, `worker` works jobs, consumes events and fires schedules. */
export type Role = "web" | "worker";
