// usage: node idle-clients.ts PORT COUNT: so many connections, each asked once, then kept
import { connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const atOnce = 50;
let begun = 0;
let idle = 0;

function open(): void {
  if (begun === count) return;
  begun += 1;
  let answered = false;
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => socket.write("GET /v1/orders/ord_10000000 HTTP/1.1\r\nHost: bench\r\n\r\n"));
  socket.on("data", () => {
    // Some answers come in two pieces.
    if (answered) return;
    answered = true;
    idle += 1;
    if (idle === count) console.log(JSON.stringify({ idle }));
    open();
  });
  socket.on("error", (error) => fail(error.message));
  socket.on("close", () => fail("a connection was closed"));
}

function fail(says: string): never {
  console.error(`${says}, with ${idle} of ${count} idle`);
  process.exit(1);
}

process.on("SIGTERM", () => process.exit(0));
for (let opening = 0; opening < atOnce; opening += 1) open();
