/** The PostgreSQL schema of a service: its name, with `_` for `-`, so that nobody needs to quote it. */
export function serviceSchema(service: string): string {
  return service.replaceAll("-", "_");
}
