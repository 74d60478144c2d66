import { html, type Markup } from "../../../model/markup.ts";
import type { JsonSchema } from "../endpoint/json-schema.ts";
import type { OpenApiDocument, PlacedOperation } from "./openapi-document.ts";
import { pageHead } from "./page-head.ts";
import { operationHtml } from "./reference-operation.ts";
import { SchemaReading } from "./schema-reading.ts";

/** The reference as one page. Everything can be read without its script, which finds, copies and opens. */
export function referenceHtml(document: OpenApiDocument): Markup {
  const { info, tags, components, servers } = document;
  const reading = new SchemaReading(components.schemas as Readonly<Record<string, JsonSchema>>);
  const origin = servers?.[0]?.url ?? "http://localhost:3000";
  const placed = placedOperations(document);
  const services = tags
    .map(({ name }) => ({ name, routes: placed.filter(({ operation }) => operation.tags[0] === name) }))
    .filter(({ routes }) => routes.length > 0);
  return html`<!doctype html>
<html lang="en">
${pageHead(`${info.title} · API reference`, "/openapi/reference.js")}
<body>
<a class="skip" href="#routes">Skip to the routes</a>
<header class="bar">
  <span class="product">${info.title}</span><span class="slash" aria-hidden="true">/</span><span class="here">API reference</span>
  <a class="raw" href="/openapi.json">openapi.json</a>
</header>
<div class="page">
<main id="routes">
  <h1>API reference</h1>
  <p class="lead">${counted(placed.length, "route")} of ${counted(services.length, "service")}. Where a key is needed, send
    <code>authorization: Bearer KEY</code>. Errors are <code>application/problem+json</code> with a <code>code</code> to branch on and a cure.</p>
  <div class="find" hidden>
    <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="11" cy="11" r="7"/><path d="m20 20-4-4"/></svg>
    <input id="find" type="search" placeholder="Find a route, a path or a failure" aria-label="Find a route, a path or a failure" autocomplete="off" spellcheck="false">
    <kbd aria-hidden="true">/</kbd>
  </div>
  <p class="found" role="status"></p>
  ${services.map(
    ({ name, routes }) => html`
  <section aria-labelledby="service-${name}">
    <h2 id="service-${name}">${name} <span class="count">${routes.length}</span></h2>
    <div class="list">${routes.map((route) => operationHtml(route, reading, origin))}</div>
  </section>`,
  )}
  <div class="nothing" hidden>
    <p>No route matches <q></q>.</p>
    <button type="button" class="clear">Show all routes</button>
  </div>
</main>
<nav aria-label="Routes">${services.map(
    ({ name, routes }) => html`
  <h3>${name}</h3>
  <ul>${routes.map(({ operation: { operationId } }) => html`<li><a href="#${operationId}">${operationId.slice(name.length + 1)}</a></li>`)}</ul>`,
  )}
</nav>
</div>
</body>
</html>
`;
}

function placedOperations({ paths }: OpenApiDocument): readonly PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
