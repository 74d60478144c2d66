// usage: node fast-proxy.ts ORIGIN
import { createServer } from "node:http";
import fastProxy from "fast-proxy";
import { announce } from "../src/harness/announce.ts";

const [base = ""] = process.argv.slice(2);
const { proxy } = fastProxy({ base });
const server = createServer((request, response) => proxy(request, response, request.url ?? "/", {}));
server.listen(0, "127.0.0.1", () => announce(server.address()));
