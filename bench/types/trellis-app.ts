import { cachedResources, calledBy, handlersOf, resources, serviceNames, tablesText } from "./handlers.ts";

/** The app as Trellis wants it: contracts and services, every type inferred. By path inside the app's folder. */
export function trellisApp(): Readonly<Record<string, string>> {
  const files = serviceNames.flatMap((service, index) => [
    [`${service}/contract.ts`, contractText(service)],
    [`${service}/service.ts`, serviceText(service, calledBy(index))],
  ]);
  return Object.fromEntries([...files, ["app.ts", appText()]]);
}

const contractText = (
  service: string,
) => `import { contract, created, failure, get, patch, post, scope } from "trellis/contract";
import { z } from "zod";

const write = scope("${service}:write");
${resources.map((resource) => schemasText(resource)).join("\n")}

export const ${service}Contract = contract("${service}", {
${resources.map((resource) => routesText(service, resource)).join("\n")}
});
`;

const schemasText = (resource: number) => `
const NewThing${resource} = z.object({ name: z.string().min(1).max(80), priority: z.int().min(1).max(5), gift: z.boolean() });
export const Thing${resource} = NewThing${resource}.extend({ id: z.string(), version: z.int() });
export const Taken${resource} = failure("taken-${resource}", {
  status: 409,
  title: "The name is taken",
  cure: "Choose another name.",
  detail: z.object({ name: z.string() }),
});
export const Unknown${resource} = failure("unknown-${resource}", {
  status: 404,
  title: "Nothing has this id",
  cure: "Check the id.",
  detail: z.object({ id: z.string() }),
});`;

const routesText = (service: string, resource: number) => `  create${resource}: post("/${service}/things${resource}", {
    body: NewThing${resource},
    returns: created(Thing${resource}, { at: ({ id }) => \`/${service}/things${resource}/\${id}\` }),
    fails: [Taken${resource}],
    allow: write,
  }),
  read${resource}: get("/${service}/things${resource}/:id", { returns: Thing${resource}, fails: [Unknown${resource}] }),
  list${resource}: get("/${service}/things${resource}", {
    query: z.object({ least: z.coerce.number<number>().default(1), limit: z.coerce.number<number>().max(100).default(20) }),
    returns: z.object({ things: z.array(Thing${resource}), next: z.string().nullable() }),
  }),
  change${resource}: patch("/${service}/things${resource}/:id", {
    body: NewThing${resource}.omit({ gift: true }),
    returns: Thing${resource},
    fails: [Unknown${resource}],
    allow: write,
  }),`;

const serviceText = (service: string, called: string) => `import { cache, calls, database, service } from "trellis";
import { ${called}Contract } from "../${called}/contract.ts";
import { ${service}Contract, ${[
  ...cachedResources.map((resource) => `Thing${resource}`),
  ...resources.flatMap((resource) => [`Taken${resource}`, `Unknown${resource}`]),
].join(", ")} } from "./contract.ts";

${tablesText}

export const ${service} = service(${service}Contract, {
  uses: {
    db: database<Tables>({ migrations: "./migrations/" }),
${cachedResources.map((resource) => `    hot${resource}: cache(Thing${resource}, { ttl: "1h", staleFor: "1d" }),`).join("\n")}
    peer: calls(${called}Contract),
  },
  routes: {
${resources
  .flatMap(handlersOf)
  .map(({ route, request, use, body }) => `    ${route}: async (${request}, ${use}) => ${body},`)
  .join("\n")}
  },
});
`;

const appText = () => `import { app } from "trellis";
${serviceNames.map((service) => `import { ${service} } from "./${service}/service.ts";`).join("\n")}

export default app({ services: [${serviceNames.join(", ")}] });
`;
