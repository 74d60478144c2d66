import { describe, expect, it } from "vitest";
import { exchange, get, headerOf, openRig, RawConnection } from "./front-rig.contract.ts";

const upgrade = (protocol: string, ...more: string[]): string =>
  `GET /chat HTTP/1.1\r\n${["Host: a", "Connection: Upgrade", `Upgrade: ${protocol}`, ...more].join("\r\n")}\r\n\r\n`;

describe("a request to switch protocols", () => {
  it("is switched where the origin agrees, and carries bytes both ways, those included that came with it", async () => {
    const { hop, port, front } = await openRig();
    hop.upgradeScript = (_, sink) => {
      const client = sink.switched(["upgrade", "websocket", "sec-websocket-accept", "proof"]);
      client.on("data", (chunk) => client.write(`echo ${chunk}`));
    };
    const client = new RawConnection(port);
    client.write(`${upgrade("websocket", "Sec-WebSocket-Key: k", "X-One: 1")}first`);
    const head = await client.until("\r\n\r\n");
    expect(head).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: proof\r\n\r\n",
    );
    await client.until("echo first");
    client.write("second");
    await client.until("echo second");
    const [request] = hop.seen;
    expect(request && headerOf(request, "upgrade")).toBe("websocket");
    expect(request && headerOf(request, "sec-websocket-key")).toBe("k");
    expect(request && headerOf(request, "connection")).toBeUndefined();
    expect(front.figures().pending).toBe(0);
  });

  it("is answered as any other where the origin does not agree, and the connection ends", async () => {
    const { hop, port } = await openRig();
    hop.upgradeScript = (_, sink) => sink.whole(403, ["content-type", "text/plain"], "no");
    expect(await exchange(port, upgrade("websocket"))).toMatch(/^HTTP\/1\.1 403 [\s\S]*Connection: close[\s\S]*no$/);
    hop.upgradeScript = (_, sink) => sink.fail({ reason: "connect", says: "" });
    expect(await exchange(port, upgrade("websocket"))).toMatch(/^HTTP\/1\.1 502 /);
  });

  it("is given up when the client leaves", async () => {
    const { hop, port, front } = await openRig();
    const client = new RawConnection(port);
    hop.upgradeScript = () => setImmediate(() => client.socket.destroy());
    client.write(upgrade("websocket"));
    await hop.untilAborted();
    expect(front.figures().pending).toBe(0);
  });

  it("is refused where it is malformed", async () => {
    const { hop, port } = await openRig();
    expect(await exchange(port, upgrade("websocket", "Host: b"))).toMatch(/^HTTP\/1\.1 400 /);
    expect(hop.seen).toEqual([]);
  });

  it.each([
    ["to HTTP/2", upgrade("h2c", "HTTP2-Settings: x", "Connection: close")],
    ["with a body", upgrade("websocket", "Content-Length: 1", "Connection: close").concat("x")],
    ["by another method", upgrade("websocket", "Connection: close").replace("GET", "DELETE")],
    ["without saying so of the connection", get("/chat", "Upgrade: websocket")],
  ])("is an ordinary one %s", async (_, request) => {
    const { hop, port } = await openRig();
    expect(await exchange(port, request)).toMatch(/^HTTP\/1\.1 200 /);
    expect(hop.seen.map((seen) => headerOf(seen, "upgrade"))).toEqual([undefined]);
  });
});
