import { createServer } from "node:http";
import { findOrder, orderIds } from "../route/orders.ts";
import { announce } from "../src/harness/announce.ts";
import { cacheControl } from "./cache-control.ts";

const bodies = new Map(orderIds.map((id) => [`/v1/orders/${id}`, Buffer.from(JSON.stringify(findOrder(id)))]));

/** As little as can answer: a map from paths to bodies, held in memory. */
const server = createServer((request, response) => {
  const body = bodies.get(request.url ?? "");
  if (body === undefined) response.writeHead(404).end();
  else
    response
      .writeHead(200, {
        "content-type": "application/json; charset=utf-8",
        "cache-control": cacheControl,
        "content-length": body.length,
      })
      .end(body);
});
server.listen(0, "127.0.0.1", () => announce(server.address()));
