import { html, type Markup } from "../../../model/markup.ts";

/** What every page of the reference begins with: its style, and `script` where it has one. */
export function pageHead(title: string, script?: string): Markup {
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Crect width='24' height='24' rx='6' fill='%232350d2'/%3E%3Cpath d='M8 7h8M12 7v11M8 12h8' stroke='%23fff' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/openapi/reference.css">
${script && html`<script src="${script}" defer></script>`}
</head>`;
}
