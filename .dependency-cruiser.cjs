// The architecture as a table: each room of packages/trellis/src, then the rooms that it may import.
// Adjust it with the design, never around it.
const src = "packages/trellis/src";
const rooms = {
  model: [],
  policies: ["model"],
  frames: ["model"],
  spool: ["model"],
  "client-facts": ["model", "policies"],
  blocks: ["model", "policies", "frames", "spool", "client-facts"],
  engines: ["model", "blocks"],
  telemetry: ["model", "policies", "blocks"],
  operations: ["model"],
  runtime: ["model", "policies", "frames", "blocks", "engines", "telemetry", "operations"],
  gateway: ["model", "policies", "frames", "spool", "client-facts", "blocks", "telemetry"],
  supervisor: ["model", "policies", "blocks", "telemetry", "gateway"],
  planner: ["model", "policies"],
  deploy: ["model"],
  testing: ["model", "blocks", "runtime", "spool"],
};

/** What packages/trellis/package.json exports: the doors that apps may use. */
const publicEntries = Object.values(require("./packages/trellis/package.json").exports)
  .filter((entry) => entry.endsWith(".ts"))
  .map((entry) => `^packages/trellis/${entry.slice(2).replaceAll(".", "\\.")}$`);

const test = "\\.(test|contract|test-d)\\.tsx?$";
const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const roomRules = Object.entries(rooms).map(([room, mayImport]) =>
  rule(
    `${room}-imports-only-its-rooms`,
    `${room} may import: ${mayImport.join(", ") || "nothing"}`,
    { path: `^${src}/${room}/`, pathNot: test },
    { path: `^${src}/`, pathNot: [room, ...mayImport].map((allowed) => `^${src}/${allowed}/`) },
  ),
);

module.exports = {
  forbidden: [
    ...roomRules,
    rule(
      "siblings-never-meet",
      "Two blocks, or two engines, share words through model, never by import.",
      { path: `^${src}/(blocks|engines)/([^/]+)/`, pathNot: test },
      { path: `^${src}/$1/[^/]+/`, pathNot: `^${src}/$1/$2/` },
    ),
    rule(
      "blocks-by-their-ports",
      "The drivers know a block by its port only.",
      { path: `^${src}/(gateway|supervisor|telemetry)/`, pathNot: test },
      { path: `^${src}/blocks/`, pathNot: `^${src}/blocks/[^/]+/port\\.ts$` },
    ),
    rule(
      "gateway-by-its-port",
      "The supervisor tells the gateway what to do over a socket; they share the words of its port.",
      { path: `^${src}/supervisor/`, pathNot: test },
      { path: `^${src}/gateway/`, pathNot: `^${src}/gateway/port\\.ts$` },
    ),
    rule(
      "model-and-policies-are-pure",
      "No node: module and no package in model, policies and planner: inject it.",
      { path: `^${src}/(model|policies|planner)/`, pathNot: test },
      { dependencyTypes: ["core", "npm", "npm-dev", "npm-peer", "npm-optional", "npm-no-pkg"] },
    ),
    rule(
      "apps-use-the-front-door",
      "An app imports the public entries of trellis, nothing behind them.",
      { path: "^apps/" },
      { path: `^${src}/`, pathNot: publicEntries },
    ),
    rule(
      "apps-never-meet",
      "Two apps talk through their contracts.",
      { path: "^apps/([^/]+)/" },
      { path: "^apps/", pathNot: ["^apps/$1/", "contract\\.ts$"] },
    ),
    rule(
      "console-speaks-http",
      "The console reaches the platform by HTTP only.",
      { path: "^packages/console/" },
      { path: `^${src}/`, pathNot: "contract\\.ts$" },
    ),
    rule(
      "pages-are-for-browsers",
      "Tokens, components and pages know the platform by what a browser may load: contracts.",
      { path: ["^packages/ui/src/", "^apps/[^/]+/web/src/"], pathNot: test },
      { path: `^${src}/`, pathNot: `^${src}/(contract|operations/contract)\\.ts$` },
    ),
    rule(
      "pages-know-their-own-contract",
      "A page speaks to its service over HTTP, by its contract.",
      { path: "^apps/([^/]+)/web/", pathNot: test },
      { path: "^apps/", pathNot: "^apps/$1/(web/|src/contract\\.ts$)" },
    ),
    rule("ui-knows-no-app", "What all pages share knows none of them.", { path: "^packages/ui/" }, { path: "^apps/" }),
    rule(
      "servers-draw-no-pages",
      "Components are for pages.",
      { path: ["^packages/trellis/", "^apps/[^/]+/(src|demo)/"] },
      { path: ["^packages/ui/", "^apps/[^/]+/web/"] },
    ),
    rule(
      "no-test-code-in-product",
      "Contract suites and fakes are for tests.",
      { pathNot: [test, `^${src}/testing/`, "^tests/"] },
      { path: [test] },
    ),
    rule("everything-resolves", "The import leads nowhere.", {}, { couldNotResolve: true }),
    rule("no-cycles", "A cycle, even of types, means that two files are one.", {}, { circular: true }),
    rule(
      "no-dead-files",
      "Nothing imports this file.",
      {
        orphan: true,
        pathNot: ["index\\.ts$", test, "\\.config\\.", "^(bench|scripts|tests)/", "^packages/ui/public/"],
      },
      {},
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    // Without the few .mjs files, a run that cannot read TypeScript cruises 0 modules, and that fails in scripts/check.ts.
    exclude: { path: "(^|/)dist/|\\.mjs$" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
      extensions: [".ts", ".tsx", ".js"],
    },
  },
};
