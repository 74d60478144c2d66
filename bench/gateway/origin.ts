// usage: node origin.ts [SOCKET]: over HTTP on a port of its own, and over frames on the Unix socket that is named. Its
// answers may be kept as CACHE_CONTROL in the environment says, and to be given one from memory is an event as EDGE_EVENT says
import { createServer, type RequestListener } from "node:http";
import Fastify, { type FastifyServerFactoryHandler } from "fastify";
import { FramesServer } from "../../packages/trellis/src/blocks/http/server/frames-server/frames-server.ts";
import { edgeEventHeader } from "../../packages/trellis/src/model/edge-event.ts";
import { systemClock } from "../../packages/trellis/src/runtime/system-clock.ts";
import { orderParamsSchema, orderSchema } from "../route/order-json-schemas.ts";
import { findOrder } from "../route/orders.ts";
import { announce } from "../src/harness/announce.ts";

const [socket] = process.argv.slice(2);
let handle: FastifyServerFactoryHandler | undefined;

const app = Fastify({
  serverFactory: (handler) => {
    handle = handler;
    return createServer(handler as RequestListener);
  },
});

const cacheControl = process.env.CACHE_CONTROL;
if (cacheControl !== undefined)
  app.addHook("onSend", async (_request, reply) => void reply.header("cache-control", cacheControl));
const edgeEvent = process.env.EDGE_EVENT;
if (edgeEvent !== undefined)
  app.addHook("onSend", async (_request, reply) => void reply.header(edgeEventHeader, edgeEvent));

app.get<{ Params: { id: string } }>(
  "/v1/orders/:id",
  { schema: { params: orderParamsSchema, response: { 200: orderSchema } } },
  async ({ params }, reply) => findOrder(params.id) ?? reply.code(404).send({ message: "unknown order" }),
);

await app.listen({ port: 0, host: "127.0.0.1" });
if (socket !== undefined) await new FramesServer(handle as RequestListener, systemClock).listen(socket);
announce(app.server.address());
