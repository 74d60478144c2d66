import { expect, test } from "vitest";
import { z } from "zod";
import { anyone } from "../../../model/actor.ts";
import { contract } from "../../../model/contract.ts";
import { get } from "../../../model/route.ts";
import { service } from "../../../model/service.ts";
import { silentLog } from "../../../testing/silent-log.ts";
import { testClock } from "../../../testing/test-clock.ts";
import { testRandom } from "../../../testing/test-random.ts";
import { openHttp } from "../server/server.ts";

const mirror = service(
  contract("mirror", { look: get("/", { returns: z.object({ origin: z.string() }), allow: anyone }) }),
  { uses: {}, routes: { look: ({ origin }) => ({ origin }) } },
);

test.each([
  ["https://go.example", "https://go.example"],
  ["", "http://10.0.0.7:3000"],
])("with the public address %j a request that names 10.0.0.7:3000 has the origin %j", async (origin, seen) => {
  const http = openHttp({
    services: [{ service: mirror, handles: {} }],
    settings: {
      bodyBytesMax: 1_024,
      headersBytesMax: 1_024,
      requestTimeoutMs: 1_000,
      drainTimeoutMs: 1_000,
      logRequests: "no",
      origin,
    },
    mode: "test",
    clock: testClock(),
    random: testRandom(),
    log: silentLog,
    secret: "",
  });
  const look = { service: "mirror", route: "look", method: "GET", params: {}, query: {} };
  const { body } = await http.dispatch({ ...look, headers: { host: "10.0.0.7:3000" } });
  expect(JSON.parse(String(body))).toEqual({ origin: seen });
  await http.close();
});
