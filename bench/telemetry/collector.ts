import { createServer } from "node:http";
import { announce } from "../src/harness/announce.ts";

/** Takes whatever it is sent, as a collector of traces does, and keeps nothing. */
const server = createServer((request, response) => {
  request.resume().once("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
});
server.listen(0, "127.0.0.1", () => announce(server.address()));
