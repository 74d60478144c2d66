/**
 * The part of Standard Schema (standardschema.dev) and Standard JSON Schema that Trellis relies on. zod 4 schemas
 * satisfy it; so does any other library's schema that can also describe its wire form as JSON Schema.
 */
export interface Schema<In = unknown, Out = In> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
    readonly jsonSchema: {
      readonly input: (options: { target: "draft-2020-12" }) => Record<string, unknown>;
      readonly output: (options: { target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}

export type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What handlers see: the schema's output. `undefined` where no schema was declared. */
export type Infer<S> = S extends Schema<infer _, infer Out> ? Out : undefined;

/** What callers give: the schema's input, in which defaults are optional. */
export type Input<S> = S extends Schema<infer In, infer _> ? In : undefined;

/** `["items", 0, "name"]` as a person writes it: `items[0].name`. */
export function fieldName(path: SchemaIssue["path"], root = ""): string {
  let name = root;
  for (const step of path ?? []) {
    const key = typeof step === "object" ? step.key : step;
    if (typeof key === "number") name += `[${key}]`;
    else name += name === "" ? String(key) : `.${String(key)}`;
  }
  return name;
}
