import { checkPages } from "../../blocks/http/pages/load-pages.ts";
import { countryDataVersion } from "../../client-facts/country-data.ts";
import { plan as makePlan, type Plan } from "../../model/plan.ts";
import { type Environment, readSettings, type Settings } from "../../model/settings.ts";
import { checkPlan } from "../../runtime/check-plan.ts";
import { command, dataOption } from "../command.ts";
import { checkCertificate } from "../doctor/certificate-checks.ts";
import { checkCountries } from "../doctor/country-checks.ts";
import { checkDatabase } from "../doctor/database-checks.ts";
import { examine, type Finding, ok } from "../doctor/finding.ts";
import { checkDataFolder, checkPort } from "../doctor/folder-checks.ts";
import { checkClock, checkDisk, checkMemory, checkNode } from "../doctor/machine-checks.ts";
import { checkSettings } from "../doctor/setting-checks.ts";
import { dataPath } from "../folder/data-folder.ts";
import { findConfig, loadApp } from "../load-app.ts";
import { table } from "../text/table.ts";
import type { World } from "../world.ts";

const wrongExit = 78;
const marks = { ok: "ok", note: "note", wrong: "WRONG" } as const;

export const doctor = command({
  name: "doctor",
  about: [
    "Looks at this machine, the configuration, the data folder, the port and the database, and says what is wrong and",
    "what mends it. Changes nothing. Exits with 0 when nothing is wrong.",
  ].join("\n"),
  options: { data: dataOption },
  run: async ({ options }, world) => {
    const findings = await findAll(options.data, world);
    const healthy = findings.every(({ state }) => state !== "wrong");
    const rows = findings.flatMap(({ check, state, says, cure }) => [
      [marks[state], check, says],
      ...(cure === undefined ? [] : [["", "", `→ ${cure}`]]),
    ]);
    world.output.answer({ healthy, findings }, table(rows));
    return healthy ? 0 : wrongExit;
  },
});

async function findAll(data: string | undefined, world: World): Promise<readonly Finding[]> {
  const { environment, folder, clock } = world;
  const config = findConfig(folder);
  const path = dataPath(data, world);
  const { plan, findings } = await checkApp(config, world);
  const settings = plan?.settings ?? settingsOrNothing(environment);
  return [
    checkNode(process.versions.node),
    ...findings,
    ...(plan ? [checkMemory(process.availableMemory(), plan)] : []),
    await checkDisk(path),
    checkClock(clock.now(), config),
    ...(await examine("data folder", async () => checkDataFolder(path))),
    ...(await examine("port", async () => [await checkPort(environment, path)])),
    ...(settings ? checkCertificate(settings, path, clock.now()) : []),
    checkCountries(countryDataVersion()),
    ...(settings ? await examine("database", () => checkDatabase({ settings, dataPath: path, plan }, world)) : []),
  ];
}

/** Undefined where one is wrong, which has been found already. */
function settingsOrNothing(environment: Environment): Settings | undefined {
  try {
    return readSettings(environment);
  } catch {
    return undefined;
  }
}

async function checkApp(
  config: string,
  { environment }: World,
): Promise<{ readonly plan: Plan | undefined; readonly findings: readonly Finding[] }> {
  let plan: Plan | undefined;
  const findings = await examine("app", async () => {
    const app = await loadApp(config);
    const derived = makePlan(app, environment);
    checkPlan(derived);
    plan = derived;
    checkPages(plan.services);
    const names = plan.services.map(({ contract }) => contract.name).join(", ");
    return [ok("app", `${config}: ${names}, stage ${plan.stage}`), ...checkSettings(environment, plan.because)];
  });
  return { plan, findings };
}
