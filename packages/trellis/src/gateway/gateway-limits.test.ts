import { expect, test } from "vitest";
import { platformLimits } from "../runtime/platform-limits.ts";
import { gatewayLimits } from "./gateway-limits.ts";

test("each bound of the gateway has a name of its own beside the platform's, and says what changes it or why nothing does", () => {
  const names = [...gatewayLimits, ...platformLimits].map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
  expect(gatewayLimits.filter(({ set }) => set === "" || set === "fixed").map(({ name }) => name)).toEqual([]);
});
