import type { JsonSchema } from "../endpoint/json-schema.ts";

/** The part of OpenAPI 3.1 (spec.openapis.org/oas/v3.1) that contracts are described with. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string };
  readonly servers?: readonly { readonly url: string }[];
  /** One a service. */
  readonly tags: readonly { readonly name: string }[];
  /** By path, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  };
}

export type SecurityScheme =
  | { readonly type: "http"; readonly scheme: "bearer" }
  | { readonly type: "apiKey"; readonly in: "cookie"; readonly name: string };

export interface Operation {
  /** `service.route`. */
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary?: string;
  /** None is needed where the list is empty. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  /** Who may, in words: the `says` of the route's permission. */
  readonly "x-allow": string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  /** Of a WebSocket, for which OpenAPI has no word. */
  readonly "x-websocket"?: SocketMessages;
  /** By status, and `default`. */
  readonly responses: Readonly<Record<string, Answer>>;
}

/** What each message is, as the service sees it: a JSON text of its own. */
export interface SocketMessages {
  readonly receives: JsonSchema;
  readonly sends: JsonSchema;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string; readonly schema: JsonSchema }>>;
  readonly content?: Content;
}

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/** One operation with where it answers. */
export interface PlacedOperation {
  readonly method: string;
  /** With `{parameters}`. */
  readonly path: string;
  readonly operation: Operation;
}
