import type { Migrations } from "../../blocks/database/port.ts";
import { serviceSchema } from "../../blocks/database/service-schema.ts";
import type { Plan } from "../../model/plan.ts";
import { platformMigrations } from "../../runtime/platform-migrations.ts";

/** The migrations of the platform, then those of every service. */
export function allMigrations({ services }: Plan): readonly Migrations[] {
  const own = services.flatMap(({ contract, uses }) =>
    Object.values(uses).flatMap(({ migrations: folder }) =>
      folder === undefined ? [] : [{ owner: contract.name, schema: serviceSchema(contract.name), folder }],
    ),
  );
  return [...platformMigrations, ...own];
}
