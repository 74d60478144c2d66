import { TrellisError } from "../../model/errors.ts";

const taken = /^(trellis|public|information_schema|pg_.*)$/;

/** The PostgreSQL schema of a service: its name, with `_` for `-`. */
export function serviceSchema(service: string): string {
  const schema = service.replaceAll("-", "_");
  if (!taken.test(schema)) return schema;
  throw new TrellisError("invalid-app", {
    says: `A service with a database cannot be named "${service}": PostgreSQL or Trellis has that schema for itself`,
    cure: "Give the service another name.",
  });
}
