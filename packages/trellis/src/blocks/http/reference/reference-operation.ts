import { html, type Markup, prose } from "../../../model/markup.ts";
import type { Answer, Parameter, PlacedOperation } from "./openapi-document.ts";
import { failuresHtml, readFailures } from "./reference-failures.ts";
import type { ReadField, SchemaReading } from "./schema-reading.ts";

/** One route: a row that says what it is for, and opens to all there is to know. */
export function operationHtml(route: PlacedOperation, reading: SchemaReading, origin: string): Markup {
  const { method, path, operation } = route;
  const { operationId, summary, responses, parameters = [], requestBody } = operation;
  const body = requestBody?.content["application/json"]?.schema;
  const failures = readFailures(operation, reading);
  const answers = Object.entries(responses).filter(([status]) => /^[23]/.test(status));
  const words = [method, path, operationId, summary, operation["x-allow"], ...failures.map(({ code }) => code)];
  return html`
<details id="${operationId}" class="route" data-find="${words.join(" ").toLowerCase()}">
  <summary>
    <span class="method ${method.toLowerCase()}">${method}</span>
    <span class="address"><code>${pathHtml(path)}</code>${summary && html`<span class="says">${prose(summary)}</span>`}</span>
    <span class="who">${operation["x-allow"]}</span>
  </summary>
  <div class="detail">
    <h3>Try it</h3>
    ${copyable(curl(route, reading, origin), origin)}
    ${parameters.length > 0 && html`<h3>Parameters</h3>${parametersHtml(parameters, reading)}`}
    ${body && html`<h3>Body</h3>${fieldTable(reading.fields(body))}`}
    ${answers.map(([status, answer]) => answerHtml(status, answer, reading))}
    ${failuresHtml(failures)}
  </div>
</details>`;
}

/** The path with its changing parts stronger than the fixed ones. */
function pathHtml(path: string): readonly Markup[] {
  return path.split(/(\{\w+\})/).map((part) => (part.startsWith("{") ? html`<b>${part}</b>` : html`${part}`));
}

function parametersHtml(parameters: readonly Parameter[], reading: SchemaReading): Markup {
  return fieldTable(
    parameters.map((parameter) => {
      const { type, notes } = reading.field(parameter.name, parameter.schema, parameter.required);
      const said = parameter.description === undefined ? notes : [parameter.description, ...notes];
      return { name: parameter.name, required: parameter.required, type, notes: said, place: parameter.in };
    }),
  );
}

function answerHtml(status: string, { description, headers, content = {} }: Answer, reading: SchemaReading): Markup {
  const [[type, media] = []] = Object.entries(content);
  const names = Object.keys(headers ?? {}).join(", ");
  return html`<h3>Answer <span class="status good">${status}</span></h3>
    <p class="note">${description}${type && html` · <code>${type}</code>`}${names && html` · header <code>${names}</code>`}</p>
    ${media && fieldTable(reading.fields(media.schema))}`;
}

function fieldTable(fields: readonly (ReadField & { readonly place?: string })[]): Markup {
  return html`<dl class="fields">${fields.map(({ name, type, required, notes, place }) => {
    const aside = [place, required ? undefined : "optional"].filter((word) => word !== undefined).join(", ");
    return html`
    <div><dt><code>${name || "value"}</code>${aside && html`<span class="aside">${aside}</span>`}</dt>
    <dd><span class="type">${type}</span>${notes.length > 0 && html`<span class="notes">${prose(notes.join(" · "))}</span>`}</dd></div>`;
  })}
  </dl>`;
}

function curl({ method, path, operation }: PlacedOperation, reading: SchemaReading, origin: string): string {
  const { parameters = [], requestBody, security, responses } = operation;
  const body = requestBody?.content["application/json"]?.schema;
  const query = parameters
    .filter(({ in: place, required }) => place === "query" && required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(reading.example(schema)))}`);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  const address = `${origin}${filled}${query.length > 0 ? `?${query.join("&")}` : ""}`;
  const live = Object.values(responses).some(({ content = {} }) => "text/event-stream" in content);
  return [
    `curl${live ? " -N" : ""}${method === "GET" ? "" : ` -X ${method}`} ${quoted(address)}`,
    ...(security.length > 0 ? ["-H 'authorization: Bearer KEY'"] : []),
    ...(body ? ["-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(reading.example(body)))}`] : []),
  ].join(" \\\n  ");
}

/** A text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The page's script puts the address that the reader used in the place of `origin`. */
function copyable(text: string, origin: string): Markup {
  const [before = "", ...after] = text.split(origin);
  return html`<div class="copyable"><pre tabindex="0"><code>${before}<span class="origin">${origin}</span>${after.join(origin)}</code></pre>
      <button type="button" class="copy" hidden>Copy</button></div>`;
}
