import Fastify from "fastify";
import { announce } from "../src/harness/announce.ts";
import { links } from "./links.ts";

const targets = new Map(links.map(({ code, target }) => [code, target]));
const app = Fastify();

app.get<{ Params: { code: string } }>("/:code", async ({ params }, reply) => {
  const target = targets.get(params.code);
  if (target === undefined) return reply.code(404).send();
  return reply.header("cache-control", "private, max-age=0").redirect(target, 302);
});

await app.listen({ port: 0, host: "127.0.0.1" });
announce(app.server.address());
