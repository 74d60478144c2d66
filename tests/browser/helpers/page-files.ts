import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../../../apps/links/web/dist/", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** The built pages of Links under a policy without any exception, at an address of their own. */
export interface PageFiles {
  readonly origin: string;
  close(): void;
}

/** Serves the pages alone, without the app: what they ask for is answered by the test itself. */
export async function servePageFiles(): Promise<PageFiles> {
  const server = createServer((request, response) => {
    sendFile(new URL(request.url ?? "/", "http://pages").pathname, response);
  });
  const port = await listening(server);
  return {
    origin: `http://localhost:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function sendFile(pathname: string, response: ServerResponse): void {
  const asked = join(dist, normalize(pathname));
  const file = pathname !== "/" && existsSync(asked) && statSync(asked).isFile() ? asked : join(dist, "index.html");
  response.writeHead(200, {
    "content-type": types[extname(file)] ?? "application/octet-stream",
    "content-security-policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  });
  createReadStream(file).pipe(response);
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
