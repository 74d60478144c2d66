import type { Command } from "./command.ts";

/** A command before it is loaded: the start of one need not wait for the code of all. */
interface CommandEntry {
  readonly name: string;
  /** One line of the overview. */
  readonly says: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order in which the overview shows them. */
export const commands: readonly CommandEntry[] = [
  {
    name: "start",
    says: "run the app on this machine, with everything that it needs",
    load: async () => (await import("./commands/start.ts")).start,
  },
  {
    name: "dev",
    says: "run it in one process that follows your edits",
    load: async () => (await import("./commands/dev.ts")).dev,
  },
  {
    name: "run",
    says: "run one instance only, for containers",
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    name: "gateway",
    says: "balance, cache and guard origins that run elsewhere",
    load: async () => (await import("./commands/gateway.ts")).gateway,
  },
  {
    name: "certs",
    says: "make certificates for HTTPS on this machine",
    load: async () => (await import("./commands/certs.ts")).certs,
  },
  {
    name: "status",
    says: "show what runs, and how it does",
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    name: "deploy",
    says: "put a new release in the place of the one that runs",
    load: async () => (await import("./commands/deploy.ts")).deploy,
  },
  {
    name: "releases",
    says: "list the releases, and what became of them",
    load: async () => (await import("./commands/releases.ts")).releases,
  },
  {
    name: "rollback",
    says: "go back to an earlier release",
    load: async () => (await import("./commands/rollback.ts")).rollback,
  },
  {
    name: "scale",
    says: "change how many instances there are",
    load: async () => (await import("./commands/scale.ts")).scale,
  },
  {
    name: "pause",
    says: "hold a service's requests for a while",
    load: async () => (await import("./commands/pause.ts")).pause,
  },
  {
    name: "resume",
    says: "let them go on",
    load: async () => (await import("./commands/resume.ts")).resume,
  },
  {
    name: "purge",
    says: "take answers out of the edge cache",
    load: async () => (await import("./commands/purge.ts")).purge,
  },
  {
    name: "stop",
    says: "end the app that runs here",
    load: async () => (await import("./commands/stop.ts")).stop,
  },
  {
    name: "plan",
    says: "show what would run, why, and every limit",
    load: async () => (await import("./commands/plan.ts")).plan,
  },
  {
    name: "doctor",
    says: "check this machine and the configuration, and name the cures",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "migrate",
    says: "bring the database's tables up to date",
    load: async () => (await import("./commands/migrate.ts")).migrate,
  },
  {
    name: "backup",
    says: "write a backup of the embedded database, also while it runs",
    load: async () => (await import("./commands/backup.ts")).backup,
  },
  {
    name: "restore",
    says: "make a data folder from a backup",
    load: async () => (await import("./commands/restore.ts")).restore,
  },
  {
    name: "key new",
    says: "make an API key",
    load: async () => (await import("./commands/key-new.ts")).keyNew,
  },
  {
    name: "key list",
    says: "list the API keys",
    load: async () => (await import("./commands/key-list.ts")).keyList,
  },
  {
    name: "key revoke",
    says: "end the life of an API key",
    load: async () => (await import("./commands/key-revoke.ts")).keyRevoke,
  },
  {
    name: "jobs",
    says: "show what the queues hold",
    load: async () => (await import("./commands/jobs.ts")).jobs,
  },
  {
    name: "jobs dead",
    says: "list the jobs that were given up",
    load: async () => (await import("./commands/jobs-dead.ts")).jobsDead,
  },
  {
    name: "jobs retry",
    says: "begin dead jobs anew",
    load: async () => (await import("./commands/jobs-retry.ts")).jobsRetry,
  },
  {
    name: "jobs drop",
    says: "forget dead jobs",
    load: async () => (await import("./commands/jobs-drop.ts")).jobsDrop,
  },
  {
    name: "schedules",
    says: "show the schedules, their next times and last runs",
    load: async () => (await import("./commands/schedules.ts")).schedules,
  },
  {
    name: "streams",
    says: "show the streams, and how far their consumers are",
    load: async () => (await import("./commands/streams.ts")).streams,
  },
  {
    name: "export systemd",
    says: "print a unit file, by which systemd runs the app",
    load: async () => (await import("./commands/export-systemd.ts")).exportSystemd,
  },
  {
    name: "version",
    says: "print the version",
    load: async () => (await import("./commands/version.ts")).version,
  },
];
