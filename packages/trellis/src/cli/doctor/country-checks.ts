import { countryPackage } from "../../client-facts/country-data.ts";
import { type Finding, ok } from "./finding.ts";

/** Whether `request.client.country` says anything. Few apps ask, so that it is no fault where nobody knows. */
export function checkCountries(version: string | undefined): Finding {
  if (version === undefined) return ok("countries", `unknown; npm install ${countryPackage} makes them known`);
  return ok("countries", `${countryPackage} ${version}`);
}
