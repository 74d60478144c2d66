// usage: node plain-app.ts: the quick and the long routes under Fastify. It ends on SIGTERM and SIGINT when it has
// answered what it was asked, and has told its WebSockets that it goes away. PORT in the environment is its port; under
// pm2 it says when it is ready.
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import Fastify from "fastify";
import { WebSocketServer } from "ws";
import { announce } from "../src/harness/announce.ts";
import { eventEveryMs, paths, slowMs } from "./traffic-words.ts";

const goingAway = 1001;
const app = Fastify({ forceCloseConnections: "idle" });
app.get(paths.quick, async () => ({ says: "hello" }));
app.get(paths.slow, async () => {
  await pause(slowMs);
  return { sleptMs: slowMs };
});
app.get(paths.events, (_request, reply) => reply.type("text/event-stream").send(Readable.from(ticks())));

async function* ticks(): AsyncGenerator<string> {
  for (let ms = eventEveryMs; ms <= slowMs; ms += eventEveryMs) {
    await pause(eventEveryMs);
    yield `data: ${JSON.stringify({ ms, last: ms === slowMs })}\n\n`;
  }
}

const sockets = new WebSocketServer({ server: app.server, path: paths.echo });
sockets.on("connection", (socket) => {
  socket.on("message", (message) => socket.send(String(message)));
  // Its connection was there before nobody new was let in.
  if (!app.server.listening) socket.close(goingAway);
});

async function end(): Promise<void> {
  // First nobody new is let in: who is told to come again would come here.
  app.server.close();
  for (const socket of sockets.clients) socket.close(goingAway);
  await app.close();
  process.exit(0);
}
process.on("SIGTERM", () => void end());
process.on("SIGINT", () => void end());

// pm2 loads it by a way that knows no `await` here.
void app.listen({ port: Number(process.env.PORT ?? 0), host: "127.0.0.1" }).then(() => {
  announce(app.server.address());
  process.send?.("ready");
});
