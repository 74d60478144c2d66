import { createServer } from "node:http";
import { announce } from "../src/harness/announce.ts";
import { links } from "./links.ts";

const targets = new Map(links.map(({ code, target }) => [`/${code}`, target]));

/** As little as can answer: a map from paths to targets, held in memory. */
const server = createServer((request, response) => {
  const target = targets.get(request.url ?? "");
  if (target === undefined) response.writeHead(404).end();
  else response.writeHead(302, { location: target, "cache-control": "private, max-age=0", "content-length": 0 }).end();
});
server.listen(0, "127.0.0.1", () => announce(server.address()));
