import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { TrellisError } from "../model/errors.ts";
import { Lines } from "../model/lines.ts";
import type { ControlAnswer, ControlRequest, ReleaseStep } from "./control-words.ts";

/** Does what a command asks; resolves with what is to be shown. `step` tells of what takes its time. */
export type ControlHandler = (request: ControlRequest, step: (step: ReleaseStep) => void) => Promise<unknown>;

/** A request is a name and a few values. */
const requestCharactersMax = 65_536;

/** Answers commands of this machine's user, each on a connection of its own, on a socket that nobody else can open. */
export function serveControl(path: string, handle: ControlHandler): Promise<Server> {
  // Whoever listened there has ended: the data folder is ours.
  rmSync(path, { force: true });
  const server = createServer((socket) => converse(socket, handle));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const before = process.umask(0o177);
    server.listen(path, () => resolve(server));
    process.umask(before);
  });
}

function converse(socket: Socket, handle: ControlHandler): void {
  const lines = new Lines(requestCharactersMax);
  const say = (answer: ControlAnswer) => void (socket.writable && socket.write(`${JSON.stringify(answer)}\n`));
  // The command was ended: what it has asked for goes on.
  socket.on("error", () => undefined);
  socket.setEncoding("utf8").on("data", (piece: string) => {
    try {
      for (const line of lines.push(piece)) void answer(line, handle, say).then(() => socket.end());
    } catch (error) {
      say(failed(error));
      socket.end();
    }
  });
}

async function answer(line: string, handle: ControlHandler, say: (answer: ControlAnswer) => void): Promise<void> {
  try {
    const request = JSON.parse(line) as ControlRequest;
    const value = await handle(request, (step) => say({ answer: "step", step }));
    say({ answer: "done", value: value ?? null });
  } catch (error) {
    say(failed(error));
  }
}

function failed(error: unknown): ControlAnswer {
  const known = error instanceof TrellisError ? error : new TrellisError("internal", { says: String(error) });
  return { answer: "failed", error: { code: known.code, says: known.message, cure: known.cure } };
}
