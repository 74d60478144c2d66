import type { Sql } from "../../model/sql.ts";

/** What nobody has looked at for so much longer than at the service's other schedules is of a release that is gone. */
const abandonedSeconds = 60;

/** The services of which a schedule's time has come and nobody has fired it: where none of their instances runs. */
export async function dueSchedules(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.query<{ readonly service: string }>(
    `select distinct service from trellis.schedule
     where next_tick <= clock_timestamp() and seen_at > (
       select max(seen_at) from trellis.schedule as other where other.service = schedule.service
     ) - interval '${abandonedSeconds} seconds'`,
  );
  return rows.map(({ service }) => service);
}
