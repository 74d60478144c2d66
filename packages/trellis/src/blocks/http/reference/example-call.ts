import { html, type Markup } from "../../../model/markup.ts";
import type { PlacedOperation, SocketMessages } from "./openapi-document.ts";
import type { SchemaReading } from "./schema-reading.ts";

/** How a route is tried, to be copied: a line for the shell, or of a WebSocket some JavaScript. */
export function exampleCall(route: PlacedOperation, reading: SchemaReading, origin: string): Markup {
  const messages = route.operation["x-websocket"];
  if (!messages) return copyable(curl(route, reading, origin), origin);
  const socketOrigin = origin.replace(/^http/, "ws");
  const script = connecting(addressOf(route, reading, socketOrigin), messages, reading);
  return html`${copyable(script, socketOrigin)}${route.operation.security.length > 0 && howSocketsSignIn}`;
}

/** Browsers let no page add a header to what it connects with. */
const howSocketsSignIn = html`
    <p class="note">A page of this site is known by its session. A program sends <code>authorization: Bearer KEY</code>
      when it connects.</p>`;

function curl(route: PlacedOperation, reading: SchemaReading, origin: string): string {
  const { requestBody, security, responses } = route.operation;
  const body = requestBody?.content["application/json"]?.schema;
  const live = Object.values(responses).some(({ content = {} }) => "text/event-stream" in content);
  const address = quoted(addressOf(route, reading, origin));
  return [
    `curl${live ? " -N" : ""}${route.method === "GET" ? "" : ` -X ${route.method}`} ${address}`,
    ...(security.length > 0 ? ["-H 'authorization: Bearer KEY'"] : []),
    ...(body ? ["-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(reading.example(body)))}`] : []),
  ].join(" \\\n  ");
}

function connecting(address: string, { receives }: SocketMessages, reading: SchemaReading): string {
  return [
    `const socket = new WebSocket(${JSON.stringify(address)});`,
    "socket.onmessage = ({ data }) => console.log(JSON.parse(data));",
    "socket.onclose = ({ code, reason }) => console.log(code, reason);",
    `socket.onopen = () => socket.send(JSON.stringify(${JSON.stringify(reading.example(receives))}));`,
  ].join("\n");
}

function addressOf({ path, operation }: PlacedOperation, reading: SchemaReading, origin: string): string {
  const query = (operation.parameters ?? [])
    .filter(({ in: place, required }) => place === "query" && required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(reading.example(schema)))}`);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  return `${origin}${filled}${query.length > 0 ? `?${query.join("&")}` : ""}`;
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
