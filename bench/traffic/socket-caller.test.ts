import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { SocketCaller } from "./socket-caller.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe("a caller who holds a WebSocket", () => {
  test("says one numbered message after the other on the same one", async () => {
    const { caller, heard, opened } = await callerOf((socket, text) => socket.send(text));
    await caller.ask();
    await caller.ask();
    expect(heard).toEqual([`{"number":1}`, `{"number":2}`]);
    expect(opened()).toBe(1);
  });

  test.each([1001, 1012])("comes again when it is told %i, and says there what was not answered", async (code) => {
    const { caller, heard, opened, told } = await callerOf((socket, text, number) =>
      number === 1 ? socket.close(code) : socket.send(text),
    );
    await caller.ask();
    expect(heard).toEqual([`{"number":1}`, `{"number":1}`]);
    expect([opened(), told()]).toEqual([2, 1]);
  });

  test("opens another one at once when it is told to come again while it waits for nothing", async () => {
    const { caller, heard, sockets, nextOpened } = await callerOf((socket, text) => socket.send(text));
    await caller.ask();
    const again = nextOpened();
    sockets[0]?.close(1001);
    await again;
    expect(heard).toEqual([`{"number":1}`]);
  });

  test.each([
    ["is cut without a word", "closed with 1006", (socket: WebSocket) => socket.terminate()],
    ["is closed as if all were said", "closed with 1000", (socket: WebSocket) => socket.close(1000)],
    ["answers another message", "not the answer to this message", (socket: WebSocket) => socket.send(`{"number":7}`)],
  ])("has one failure, and another WebSocket for the next message, where one %s", async (_, says, answer) => {
    const { caller, opened, told } = await callerOf((socket, text, number) =>
      number === 1 ? answer(socket) : socket.send(text),
    );
    await expect(caller.ask()).rejects.toThrow(says);
    await caller.ask();
    expect([opened(), told()]).toEqual([2, 0]);
  });

  test("fails for an answer that comes twice", async () => {
    const { caller } = await callerOf((socket, text, number) => {
      socket.send(text);
      if (number === 1) socket.send(text);
    });
    await caller.ask();
    await expect(caller.ask()).rejects.toThrow("answer");
  });

  test("fails where nobody lets it in", async () => {
    const { caller, server, sockets } = await callerOf((socket, text) => socket.send(text));
    await caller.ask();
    server.close();
    sockets[0]?.close(1001);
    await expect(caller.ask()).rejects.toThrow("ECONNREFUSED");
  });
});

interface Called {
  readonly caller: SocketCaller;
  readonly server: WebSocketServer;
  readonly sockets: readonly WebSocket[];
  readonly heard: readonly string[];
  /** How many WebSockets there have been, and how often one was said to come again. */
  opened(): number;
  told(): number;
  nextOpened(): Promise<void>;
}

/** A caller of a server that answers so: it is told which message of all this is, from 1. */
async function callerOf(answer: (socket: WebSocket, text: string, number: number) => void): Promise<Called> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const sockets: WebSocket[] = [];
  const heard: string[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("message", (data) => answer(socket, String(data), heard.push(String(data))));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  let told = 0;
  const { port } = server.address() as AddressInfo;
  const caller = new SocketCaller(`http://127.0.0.1:${port}`, "/", () => {
    told += 1;
  });
  ends.push(() => {
    caller.leave();
    server.close();
  });
  return {
    caller,
    server,
    sockets,
    heard,
    opened: () => sockets.length,
    told: () => told,
    nextOpened: () => new Promise((resolve) => server.once("connection", () => resolve())),
  };
}
