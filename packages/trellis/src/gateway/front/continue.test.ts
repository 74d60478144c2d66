import { describe, expect, it } from "vitest";
import { exchange, get, openRig, RawConnection } from "./front-rig.contract.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("100 Continue", () => {
  const post = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";

  it("is said when somebody reads the body, not before", async () => {
    const { hop, port } = await openRig();
    let read: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      hop.script = ({ body }, sink) => {
        read = () => {
          if (body && "on" in body) body.on("data", (chunk) => sink.whole(200, [], `got ${chunk}`));
        };
        resolve();
      };
    });
    const client = new RawConnection(port);
    client.write(post);
    await asked;
    await nextTurn();
    expect(client.socket.bytesRead).toBe(0);
    read();
    expect(await client.until("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    client.write("abc");
    expect(await client.until("got abc")).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("is left out where the answer needs no body; the connection then ends, since the body may still come", async () => {
    const { hop, port } = await openRig();
    hop.script = (_, sink) => sink.whole(401, [], "no");
    const text = await exchange(port, post);
    expect(text).toMatch(/^HTTP\/1\.1 401 [\s\S]*connection: close/i);
  });

  it("is not said to whoever announces too much", async () => {
    const { hop, port } = await openRig();
    const client = new RawConnection(port);
    client.write(post.replace("Length: 3", "Length: 3000000"));
    expect(await client.until("\r\n\r\n")).toMatch(/^HTTP\/1\.1 413 /);
    expect(hop.seen).toEqual([]);
  });

  it("is all that may be expected", async () => {
    const { port } = await openRig();
    expect(await exchange(port, get("/", "Expect: the-unexpected"))).toMatch(/^HTTP\/1\.1 417 /);
  });
});
