import { html, type Markup, prose } from "../../../model/markup.ts";
import type { JsonSchema } from "../endpoint/json-schema.ts";
import type { ReadField, SchemaReading } from "./schema-reading.ts";

/** Every field of a value; of one that may have several shapes, of each. */
export function valueHtml(schema: JsonSchema, reading: SchemaReading): Markup {
  const tables = reading.shapes(schema).map((shape) => fieldTable(reading.fields(shape)));
  return html`${tables.map((table, index) => html`${index > 0 && html`<p class="note">or</p>`}${table}`)}`;
}

/** Fields one below the other. `place` says where one goes that is not in a body. */
export function fieldTable(fields: readonly (ReadField & { readonly place?: string })[]): Markup {
  return html`<dl class="fields">${fields.map(({ name, type, required, notes, place }) => {
    const aside = [place, required ? undefined : "optional"].filter((word) => word !== undefined).join(", ");
    return html`
    <div><dt><code>${name || "value"}</code>${aside && html`<span class="aside">${aside}</span>`}</dt>
    <dd><span class="type">${type}</span>${notes.length > 0 && html`<span class="notes">${prose(notes.join(" · "))}</span>`}</dd></div>`;
  })}
  </dl>`;
}
