/** Connections beyond the plan's: backups, migrations, a look by hand. */
const connectionsToSpare = 20;

/** How the embedded server runs. Given at each start, so that a new release's settings hold for old data too. */
export function serverSettings(socketFolder: string, connectionsMax: number): readonly string[] {
  const settings = {
    // Reached by its socket only, in a folder that no one else can enter.
    listen_addresses: "",
    unix_socket_directories: socketFolder,
    unix_socket_permissions: "0700",
    port: 5432,
    // While one release takes the place of another, the instances of both are there. A place that is free costs little.
    max_connections: 2 * connectionsMax + connectionsToSpare,
    // What was acknowledged is on the disk. Never trade this for speed.
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    wal_level: "replica",
    // Statements are short: compiling them costs more than it saves.
    jit: "off",
    // Fewer full pages written after checkpoints; recovery stays within seconds.
    checkpoint_timeout: "15min",
    timezone: "UTC",
    log_timezone: "UTC",
    // Errors of statements reach their callers, who log them.
    log_min_messages: "fatal",
    log_line_prefix: "",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
