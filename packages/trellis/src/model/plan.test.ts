import { expect, test } from "vitest";
import { z } from "zod";
import { scope } from "./actor.ts";
import { app } from "./app.ts";
import { type Block, block } from "./block.ts";
import { contract } from "./contract.ts";
import { plan, platformConnections } from "./plan.ts";
import { get } from "./route.ts";
import { service } from "./service.ts";

const Thing = z.object({ id: z.string() });
const inert = (kind: string, needs: readonly string[], calls?: string): Block<string, object> =>
  block({
    kind,
    needs,
    limits: [{ name: "entries", value: 10, unit: "entries", set: "`max`" }],
    ...(calls ? { calls } : {}),
    open: () => {
      throw new Error("A plan opens nothing");
    },
  });
const thing = (name: string, uses: Record<string, Block<string, object>> = {}) =>
  service(contract(name, { read: get(`/${name}/:id`, { returns: Thing, allow: scope(`${name}:read`) }) }), {
    uses,
    routes: { read: ({ params }) => ({ id: params.id }) },
  });

test("the stage is derived: one machine, until the database is a server of its own", () => {
  const things = app({ services: [thing("things")] });
  expect(plan(things, {}).stage).toBe(1);
  expect(plan(things, { DATABASE_URL: "postgres://db/app" }).stage).toBe(2);
  expect(plan(things, { DATABASE_URL: "  " }).stage).toBe(1);
});

test("the same app and environment give the same plan", () => {
  const things = app({ services: [thing("things", { db: inert("database", ["database"]) })] });
  expect(plan(things, { PORT: "4000" })).toEqual(plan(things, { PORT: "4000" }));
});

test("routes say who may use them", () => {
  expect(plan(app({ services: [thing("things")] }), {}).routes).toEqual([
    { service: "things", name: "read", method: "GET", path: "/things/:id", allow: "scope things:read" },
  ]);
});

test("the connections of all instances stay within the bound", () => {
  const services = ["a", "b", "c"].map((name) => thing(name, { db: inert("database", ["database"]) }));
  const { database, instances } = plan(app({ services }), { TRELLIS_WEB: "4", TRELLIS_DATABASE_CONNECTIONS: "100" });
  const processes = instances.web + instances.worker;
  expect(
    processes * (services.length * (database.poolMax + database.pipelines) + platformConnections),
  ).toBeLessThanOrEqual(100);
});

test("a range of instances starts with its least, one where that is none; connections are shared out to its most", () => {
  const services = [thing("things", { db: inert("database", ["database"]) })];
  const most = plan(app({ services }), { TRELLIS_WEB: "8", TRELLIS_WORKERS: "2", TRELLIS_DATABASE_CONNECTIONS: "200" });
  const ranges = { web: { min: 2, max: 8 }, worker: { min: 0, max: 2 } };
  const made = plan(app({ services, instances: ranges }), { TRELLIS_DATABASE_CONNECTIONS: "200" });
  expect(made.groups).toMatchObject([
    { name: "web", instances: 2, scale: ranges.web, works: false },
    { name: "worker", instances: 1, scale: ranges.worker },
  ]);
  expect(made.instances).toEqual({ web: 2, worker: 1 });
  expect(made.database).toEqual(most.database);
  expect(plan(app({ services, instances: { web: { min: 3, max: 3 } } }), {}).groups[0]).not.toHaveProperty("scale");
});

test("no range of instances that cannot be is taken for a service that is split out", () => {
  const splitting = (min: number, max: number) => () =>
    app({ services: [thing("things")], split: { things: { role: "web", instances: { min, max } } } });
  expect(splitting(0, 3)).not.toThrow();
  for (const [min, max] of [
    [0, 0],
    [3, 2],
    [-1, 2],
    [0, 257],
    [0.5, 2],
  ] as const)
    expect(splitting(min, max)).toThrow(expect.objectContaining({ code: "invalid-app" }));
});

test("too few connections for the instances are refused with the number that is needed", () => {
  const things = app({ services: [thing("things", { db: inert("database", ["database"]) })] });
  expect(() => plan(things, { TRELLIS_WEB: "8", TRELLIS_DATABASE_CONNECTIONS: "20" })).toThrow(
    expect.objectContaining({ code: "invalid-setting", cure: expect.stringContaining("at least 54") }),
  );
});

test("two services with one address are refused, naming both", () => {
  const twin = service(contract("twin", { also: get("/things/:key", { returns: Thing }) }), {
    uses: {},
    routes: { also: ({ params }) => ({ id: params.key }) },
  });
  expect(() => plan(app({ services: [thing("things"), twin] }), {})).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringMatching(/things\.read.*twin\.also/) }),
  );
});

test("two services with one name are refused", () => {
  expect(() => app({ services: [thing("things"), thing("things")] })).toThrow(
    expect.objectContaining({ code: "invalid-app" }),
  );
});

test("a block without an engine is refused by name, not ignored", () => {
  expect(() => plan(app({ services: [thing("things", { found: inert("search", ["search"]) })] }), {})).toThrow(
    expect.objectContaining({ code: "no-engine", message: expect.stringContaining("things.found") }),
  );
});

test("a call leads to a service of the app, or to where its address says", () => {
  const asks = thing("asks", { things: inert("calls", ["calls"], "things") });
  expect(() => plan(app({ services: [asks] }), {})).toThrow(
    expect.objectContaining({ code: "invalid-app", cure: expect.stringContaining("TRELLIS_URL_THINGS") }),
  );
  expect(plan(app({ services: [asks, thing("things")] }), {}).calls).toEqual([{ from: "asks", to: "things" }]);
  const url = "http://127.0.0.1:4001";
  expect(plan(app({ services: [asks] }), { TRELLIS_URL_THINGS: url }).calls).toEqual([
    { from: "asks", to: "things", url },
  ]);
});

test("what has no effect is said", () => {
  const { because } = plan(app({ services: [thing("things")] }), { REDIS_URL: "redis://cache" });
  expect(because).toContainEqual(expect.stringContaining("REDIS_URL"));
});

test("every limit of every block is printed under its name", () => {
  const { limits } = plan(app({ services: [thing("things", { hot: inert("cache", ["bus"]) })] }), {});
  expect(limits).toContainEqual(expect.objectContaining({ name: "things.hot: entries", value: 10 }));
});

test.each([
  ["PORT", "http"],
  ["PORT", "70000"],
  ["PORT", "80.5"],
  ["TRELLIS_WEB", "0"],
  ["TRELLIS_BODY_MAX", "1 MB"],
  ["TRELLIS_REQUEST_TIMEOUT", "soon"],
  ["TRELLIS_LOG", "loud"],
  ["TRELLIS_SECRET", "guess me"],
  ["NODE_ENV", "staging"],
  ["DATABASE_URL", "mysql://db/app"],
  ["DATABASE_URL", "postgres://me:pass@db:port/app"],
])("%s=%s is refused, naming the variable", (variable, value) => {
  expect(() => plan(app({ services: [] }), { [variable]: value })).toThrow(
    expect.objectContaining({ code: "invalid-setting", message: expect.stringContaining(variable) }),
  );
});

const call = (to: string) => ({ [to]: inert("calls", ["calls"], to) });

test("a service that is split out has a group of its own, the others share theirs", () => {
  const services = [thing("shop"), thing("reports"), thing("search")];
  const { groups } = plan(app({ services, split: { reports: { role: "worker" }, search: { role: "web" } } }), {});
  const shared = ["shop"];
  expect(groups).toEqual([
    { name: "web", role: "web", services: shared, instances: 2, answers: true, works: false },
    { name: "worker", role: "worker", services: shared, instances: 1, answers: false, works: true },
    { name: "reports", role: "worker", services: ["reports"], instances: 1, answers: true, works: true },
    { name: "search", role: "web", services: ["search"], instances: 2, answers: true, works: true },
  ]);
});

test("where there are no workers, the web instances do the work", () => {
  const { groups } = plan(app({ services: [thing("shop")] }), { TRELLIS_WORKERS: "0" });
  expect(groups).toMatchObject([{ name: "web", answers: true, works: true }]);
});

test("a call to a service of another group leaves the process, one within a group does not", () => {
  const services = [
    thing("shop", { ...call("reports"), ...call("stock") }),
    thing("stock"),
    thing("reports", call("stock")),
  ];
  expect(plan(app({ services, split: { reports: { role: "worker" } } }), {}).calls).toEqual([
    { from: "shop", to: "reports", group: "reports" },
    { from: "shop", to: "stock" },
    { from: "reports", to: "stock", group: "web" },
  ]);
});

test("the connections of all groups together stay within the bound", () => {
  const services = ["a", "b", "c"].map((name) => thing(name, { db: inert("database", ["database"]) }));
  const split = { c: { role: "worker", instances: 3 } } as const;
  const { database, groups } = plan(app({ services, split }), { TRELLIS_DATABASE_CONNECTIONS: "90" });
  const own = database.poolMax + database.pipelines;
  const used = groups.reduce(
    (sum, { instances, services: hosted }) => sum + instances * (hosted.length * own + platformConnections),
    0,
  );
  expect(used).toBeLessThanOrEqual(90);
  // One more on each would be too many.
  expect(used + 3 * 2 + 3).toBeGreaterThan(90);
});

test.each([
  ["a service that the app does not have", { other: { role: "web" } }, /"other"/],
  ["a role that there is not", { shop: { role: "cook" as "web" } }, /"shop" has the role "cook"/],
  ["no instance", { shop: { role: "web", instances: 0 } }, /"shop" has 0 instances/],
  ["half an instance", { shop: { role: "web", instances: 1.5 } }, /"shop" has 1.5 instances/],
] as const)("a split that names %s is refused", (_, split, says) => {
  expect(() => app({ services: [thing("shop")], split })).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringMatching(says) }),
  );
});

test("a service cannot be split out under the name of the shared instances", () => {
  expect(() => app({ services: [thing("web")], split: { web: { role: "web" } } })).toThrow(
    expect.objectContaining({ code: "invalid-app", message: expect.stringContaining('"web"') }),
  );
});
