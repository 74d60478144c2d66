import type { Page } from "../server/page.ts";
import type { OpenApiDocument } from "./openapi-document.ts";
import { pageHeaders } from "./page-headers.ts";
import { referenceHtml } from "./reference-html.ts";
import { referenceScript } from "./reference-script.ts";
import { referenceStyle } from "./reference-style.ts";

/** The document at `/openapi.json`, and the page at `/openapi` that shows it, with its style and its script. */
export function referencePages(document: () => OpenApiDocument): readonly Page[] {
  const made = once(document);
  const json = once(() => JSON.stringify(made()));
  const page = once(() => String(referenceHtml(made())));
  return [
    { path: "/openapi.json", contentType: "application/json; charset=utf-8", body: json },
    { path: "/openapi", contentType: "text/html; charset=utf-8", headers: pageHeaders, body: page },
    { path: "/openapi/reference.css", contentType: "text/css; charset=utf-8", body: () => referenceStyle },
    {
      path: "/openapi/reference.js",
      contentType: "text/javascript; charset=utf-8",
      body: () => referenceScript,
    },
  ];
}

/** Few instances are ever asked for it, so it is made when the first asks. */
function once<T extends object | string>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
