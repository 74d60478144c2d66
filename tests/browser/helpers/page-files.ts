import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Serves the built pages alone, under the policy that they must live with; what they ask for is answered by the test. */
export function servePageFiles(): Server {
  return createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://pages").pathname);
    const asked = join(dist, path);
    const file = path !== "/" && existsSync(asked) && statSync(asked).isFile() ? asked : join(dist, "index.html");
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-security-policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    });
    createReadStream(file).pipe(response);
  });
}
