import type { Contract } from "../../../model/contract.ts";
import { errorCatalogue } from "../../../model/errors.ts";
import { html, type Markup, prose } from "../../../model/markup.ts";
import type { Page } from "../server/page.ts";
import { pageHead } from "./page-head.ts";
import { pageHeaders } from "./page-headers.ts";

interface ProblemKind {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly cure: string;
  /** The routes that declare it; none for the platform's own. */
  readonly routes: readonly string[];
}

/** The page that the `type` of each problem leads to (RFC 9457, section 3.1.1). */
export function problemPages(contracts: readonly Contract[]): readonly Page[] {
  const platform = Object.entries(errorCatalogue).map(([code, text]) => ({ code, ...text, routes: [] }));
  const kinds = new Map<string, ProblemKind>(platform.map((kind) => [kind.code, kind]));
  for (const { name: service, routes } of contracts)
    for (const [name, { options }] of Object.entries(routes))
      for (const { code, text } of options.fails ?? []) {
        const { status, title, cure } = text;
        kinds.set(code, {
          code,
          status,
          title,
          cure,
          routes: [...(kinds.get(code)?.routes ?? []), `${service}.${name}`],
        });
      }
  return [...kinds.values()].map((kind) => ({
    path: `/problems/${kind.code}`,
    contentType: "text/html; charset=utf-8",
    headers: pageHeaders,
    body: () => String(problemHtml(kind)),
  }));
}

function problemHtml({ code, status, title, cure, routes }: ProblemKind): Markup {
  return html`<!doctype html>
<html lang="en">
${pageHead(`${title} · Problems`)}
<body>
<header class="bar">
  <a class="product" href="/openapi">API reference</a><span class="slash" aria-hidden="true">/</span><span class="here">Problem</span>
</header>
<div class="page">
<main>
  <h1>${title}</h1>
  <p class="lead"><span class="status bad">${status}</span> <code>${code}</code></p>
  <p>${prose(cure)}</p>
  ${routes.length > 0 && html`<p>Declared by ${routes.map((route, index) => html`${index > 0 && ", "}<a href="/openapi#${route}">${route}</a>`)}.</p>`}
  ${status >= 500 && html`<p>The <code>requestId</code> of the problem is in the logs, with its cause.</p>`}
</main>
</div>
</body>
</html>
`;
}
