// usage: node http-proxy.ts ORIGIN
import { Agent, createServer } from "node:http";
import httpProxy from "http-proxy";
import { announce } from "../src/harness/announce.ts";

const [target = ""] = process.argv.slice(2);
const proxy = httpProxy.createProxyServer({ target, agent: new Agent({ keepAlive: true }), xfwd: true });
proxy.on("error", (error) => console.error(error.message));
const server = createServer((request, response) => proxy.web(request, response));
server.listen(0, "127.0.0.1", () => announce(server.address()));
