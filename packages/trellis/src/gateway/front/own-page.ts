import { createHash } from "node:crypto";
import type { ErrorCode, TrellisError } from "../../model/errors.ts";
import { html, Markup, prose } from "../../model/markup.ts";

/** The tokens of Trellis's pages that this one needs. Nothing is loaded: what would be asked may not answer. */
const style = `:root{color-scheme:light dark;--background:light-dark(#faf9f6,#141413);--line:light-dark(#e8e4dc,#302e2b);--text:light-dark(#1c1a17,#f2f0eb);--second:light-dark(#615c52,#aca69b);--accent:light-dark(#2350d2,#93b0ff);--solid:light-dark(#2350d2,#3f68e6);--sans:"Geist Variable",Geist,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--mono:"Geist Mono Variable","Geist Mono",ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;grid-template-columns:minmax(0,30rem);place-content:center;padding:24px 24px 12vh;background:var(--background);color:var(--text);font:400 .875rem/1.5 var(--sans);-webkit-font-smoothing:antialiased}
h1{margin:0;font-size:1.75rem;line-height:1.2;font-weight:600;letter-spacing:-.025em;text-wrap:balance}
p{margin:12px 0 0;color:var(--second);font-size:1rem;text-wrap:pretty;overflow-wrap:anywhere}
a{display:inline-flex;align-items:center;height:36px;margin-top:24px;padding:0 16px;border-radius:8px;background:var(--solid);color:#fff;font-weight:500;text-decoration:none}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (pointer:coarse){a{height:44px}}
small{display:block;margin-top:32px;padding-top:16px;border-top:1px solid var(--line);color:var(--second);font:400 .8125rem/1.5 var(--mono);overflow-wrap:anywhere}`;

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
  const { status, title, code } = error;
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
  <p>${text ?? visitorText(error)}</p>
  ${passes.has(code) && html`<a href="">Try again</a>`}
  <small>${status} ${code} · request ${requestId}</small>
</main>
</body>
</html>
`);
}

/** What may be gone by the time that somebody has read of it. */
const passes: ReadonlySet<string> = new Set<ErrorCode>([
  "rate-limited",
  "no-answer",
  "unavailable",
  "maintenance",
  "deadline-exceeded",
]);

/** The catalogue's words are for whoever writes what asks; these are for whoever only wants to read a page. */
function visitorText({ code, cure, retryAfterMs = 0 }: TrellisError): string | readonly Markup[] {
  switch (code) {
    case "rate-limited":
      return `You have asked more often than is allowed here. Try again in ${inWords(retryAfterMs)}.`;
    case "no-answer":
    case "unavailable":
      return "The service at this address is not there for the moment. It is usually back soon.";
    case "deadline-exceeded":
      return "The service at this address has taken too long. Try again in a moment.";
    case "unknown-host":
      return "Nothing answers at this address. Check how it is written.";
    default:
      return prose(cure);
  }
}

function inWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
