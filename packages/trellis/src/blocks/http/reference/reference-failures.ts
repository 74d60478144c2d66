import { html, type Markup, prose } from "../../../model/markup.ts";
import { isJsonSchema, schemasIn } from "../endpoint/json-schema.ts";
import type { Operation } from "./openapi-document.ts";
import type { SchemaReading } from "./schema-reading.ts";

/** One way in which a route can fail. */
export interface ReadFailure {
  readonly status: string;
  readonly code: string;
  readonly title: string;
  readonly cure: string;
  /** The names of its detail's fields; undefined for the platform's own refusals, which have none. */
  readonly detail?: readonly string[];
}

/** Every way in which an operation can fail, by the codes of its problems. */
export function readFailures({ responses }: Operation, reading: SchemaReading): readonly ReadFailure[] {
  return Object.entries(responses).flatMap(([status, { content }]) => {
    const schema = content?.["application/problem+json"]?.schema;
    if (!schema || status === "default") return [];
    const kinds = Array.isArray(schema.oneOf) ? schemasIn(schema.oneOf) : [schema];
    return kinds.map((kind): ReadFailure => {
      const { title, description, allOf } = reading.resolved(kind);
      const own = schemasIn(allOf).at(-1)?.properties;
      const { code, data } = isJsonSchema(own) ? own : {};
      return {
        status,
        code: isJsonSchema(code) ? String(code.const) : "",
        title: String(title),
        cure: String(description),
        ...(isJsonSchema(data) ? { detail: reading.fields(data).flatMap(({ name }) => (name ? [name] : [])) } : {}),
      };
    });
  });
}

/** The route's own failures, and folded away those that routes have in common. */
export function failuresHtml(failures: readonly ReadFailure[]): Markup {
  const { own = [], common = [] } = Object.groupBy(failures, ({ detail }) => (detail ? "own" : "common"));
  return html`<h3>When it fails</h3>
    ${own.length > 0 && table(own)}
    ${
      common.length > 0 &&
      html`<details class="common"><summary>${own.length > 0 ? "And" : "Only"} as other routes do: ${common.length} ways</summary>
      ${table(common)}</details>`
    }`;
}

function table(failures: readonly ReadFailure[]): Markup {
  return html`<dl class="fields">${failures.map(
    ({ status, code, title, cure, detail = [] }) => html`
    <div><dt><span class="status bad">${status}</span> <code>${code}</code></dt>
    <dd>${title}<span class="notes">${prose(cure)}${
      detail.length > 0 &&
      html` Its <code>data</code> has ${detail.map((name, index) => html`${index > 0 && ", "}<code>${name}</code>`)}.`
    }</span></dd></div>`,
  )}
  </dl>`;
}
