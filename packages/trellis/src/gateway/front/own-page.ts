import { createHash } from "node:crypto";
import type { TrellisError } from "../../model/errors.ts";
import { html, Markup, prose } from "../../model/markup.ts";

/** The tokens of Trellis's pages that this one needs. Nothing is loaded: what would be asked may not answer. */
const style = `:root{color-scheme:light dark;--background:light-dark(#faf9f6,#141413);--line:light-dark(#e8e4dc,#302e2b);--text:light-dark(#1c1a17,#f2f0eb);--second:light-dark(#615c52,#aca69b);--sans:"Geist Variable",Geist,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--mono:"Geist Mono Variable","Geist Mono",ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--background);color:var(--text);font:400 .875rem/1.5 var(--sans);-webkit-font-smoothing:antialiased}
main{max-width:56ch}
h1{margin:0;font-size:1.75rem;line-height:1.2;font-weight:600;letter-spacing:-.025em;text-wrap:balance}
p{margin:8px 0 0;color:var(--second);text-wrap:pretty}
small{display:block;margin-top:24px;padding-top:16px;border-top:1px solid var(--line);color:var(--second);font:400 .8125rem/1.5 var(--mono);overflow-wrap:anywhere}`;

/** No scripts, nothing from elsewhere, and of styles this one. */
export const ownPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** An error of the gateway's own, for people. `text`: what the owner of the service wants them to read instead. */
export function ownPage(error: TrellisError, requestId: string, text: string | undefined): string {
  const { status, title, cure, code } = error;
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
${new Markup(`<style>${style}</style>`)}
</head>
<body>
<main>
  <h1>${title}</h1>
  <p>${text === undefined ? prose(cure) : text}</p>
  <small>${status} ${code} · ${requestId}</small>
</main>
</body>
</html>
`);
}
