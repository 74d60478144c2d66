import { html, type Markup, prose } from "../../../model/markup.ts";
import { exampleCall } from "./example-call.ts";
import { fieldTable, valueHtml } from "./field-table.ts";
import type { Answer, Parameter, PlacedOperation } from "./openapi-document.ts";
import { failuresHtml, readFailures } from "./reference-failures.ts";
import { socketHtml } from "./reference-socket.ts";
import type { SchemaReading } from "./schema-reading.ts";

/** One route: a row that says what it is for, and opens to all there is to know. */
export function operationHtml(route: PlacedOperation, reading: SchemaReading, origin: string): Markup {
  const { method, path, operation } = route;
  const { operationId, summary, responses, parameters = [], requestBody, "x-websocket": messages } = operation;
  const body = requestBody?.content["application/json"]?.schema;
  const failures = readFailures(operation, reading);
  const answers = Object.entries(responses).filter(([status]) => /^[23]/.test(status));
  const codes = failures.map(({ code }) => code);
  const words = [method, path, operationId, summary, operation["x-allow"], messages && "websocket", ...codes];
  return html`
<details id="${operationId}" class="route" data-find="${words.join(" ").toLowerCase()}">
  <summary>
    <span class="method ${method.toLowerCase()}">${method}</span>
    <span class="address"><code>${pathHtml(path)}</code>${summary && html`<span class="says">${prose(summary)}</span>`}</span>
    <span class="who">${operation["x-allow"]}</span>
  </summary>
  <div class="detail">
    <h3>Try it</h3>
    ${exampleCall(route, reading, origin)}
    ${parameters.length > 0 && html`<h3>Parameters</h3>${parametersHtml(parameters, reading)}`}
    ${body && html`<h3>Body</h3>${valueHtml(body, reading)}`}
    ${answers.map(([status, answer]) => answerHtml(status, answer, reading))}
    ${messages && socketHtml(messages, reading)}
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
    ${media && valueHtml(media.schema, reading)}`;
}
