import { html, type Markup } from "../../../model/markup.ts";
import { valueHtml } from "./field-table.ts";
import type { SocketMessages } from "./openapi-document.ts";
import type { SchemaReading } from "./schema-reading.ts";

/** What a WebSocket has in the place of a body and an answer, as the one who connects sees it. */
export function socketHtml(messages: SocketMessages, reading: SchemaReading): Markup {
  return html`<h3>You send</h3>
    <p class="note">Each message is one JSON text.</p>
    ${valueHtml(messages.receives, reading)}
    <h3>You receive</h3>
    <p class="note">One JSON text each, until it ends.</p>
    ${valueHtml(messages.sends, reading)}
    <h3>How it ends</h3>
    <dl class="fields">${ends.map(
      ({ code, says }) => html`
    <div><dt><span class="status">${code}</span></dt><dd>${says}</dd></div>`,
    )}
    </dl>`;
}

/** The codes with which it is closed (RFC 6455, section 7.4). */
const ends = [
  { code: "1000", says: html`It is over.` },
  { code: "1001", says: html`The instance is ending. Connect again: another one answers.` },
  { code: "1009", says: html`A message was too large.` },
  {
    code: "4422",
    says: html`A message did not fit. Any problem is 4000 and its status; the reason begins with its <code>code</code>.`,
  },
];
