import type { Plan } from "../../model/plan.ts";
import { permissionOf, type Route } from "../../model/route.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** A curl command that does something with this app: creates something where it can, else reads. */
export function tryIt({ services }: Plan, url: string, key: string): string {
  const routes = services.flatMap(({ contract }) => Object.values(contract.routes));
  const plain = routes.filter(({ path }) => !path.includes(":"));
  const route = plain.find(({ method }) => method === "POST") ?? plain.find(({ method }) => method === "GET");
  return route ? curl(route, url, key) : `curl ${url}/openapi.json`;
}

function curl(route: Route, url: string, key: string): string {
  const { method, path, options } = route;
  const signIn = permissionOf(route).public ? "" : ` -H 'authorization: Bearer ${key}'`;
  if (method === "GET") return `curl${signIn} ${url}${path}`;
  const body = options.body?.["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  const data = body === undefined ? "" : ` -H 'content-type: application/json' -d '${JSON.stringify(sample(body))}'`;
  return `curl -X ${method}${signIn}${data} ${url}${path}`;
}

/** A value that fits the schema in the common cases: required fields only. */
function sample(schema: JsonSchema): unknown {
  if ("default" in schema) return schema.default;
  if ("const" in schema) return schema.const;
  const [choice] = list(schema.enum);
  if (choice !== undefined) return choice;
  const [variant] = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (variant !== undefined) return sample(variant as JsonSchema);
  switch (schema.type) {
    case "object":
      return sampleObject(schema);
    case "array":
      return [];
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return sampleText(schema);
  }
}

function sampleObject({ required, properties }: JsonSchema): object {
  const known = (properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.fromEntries(list(required).map((name) => [name, sample(known[String(name)] ?? {})]));
}

const texts: Readonly<Record<string, string>> = {
  uri: "https://example.com/",
  email: "someone@example.com",
  date: "2026-01-01",
  "date-time": "2026-01-01T00:00:00Z",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function sampleText({ format }: JsonSchema): string {
  return texts[String(format)] ?? "example";
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
