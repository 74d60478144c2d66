import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Follower } from "./follower.ts";

const visit = { method: "GET", ip: "203.0.113.7", userAgent: "some browser", referer: "https://example.org/" } as const;

async function followerOf(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Follower> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const follower = new Follower(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 2);
  onTestFinished(() => {
    follower.close();
    server.close();
  });
  return follower;
}

test("a link is followed for somebody else, and no further than it leads", async () => {
  const asked: IncomingMessage[] = [];
  const follower = await followerOf((request, response) => {
    asked.push(request);
    response.writeHead(302, { location: "https://example.com/" }).end();
  });
  expect(await follower.follow("abc", visit)).toEqual({ status: 302, location: "https://example.com/" });
  expect(await follower.follow("abc", { ...visit, method: "HEAD", referer: undefined })).toMatchObject({ status: 302 });
  const [get, head] = asked;
  expect(get).toMatchObject({ url: "/abc", method: "GET" });
  expect(get?.headers).toMatchObject({
    "x-forwarded-for": visit.ip,
    "user-agent": visit.userAgent,
    referer: visit.referer,
  });
  expect(head?.method).toBe("HEAD");
  expect(head?.headers).not.toHaveProperty("referer");
});

test("a connection that breaks is no answer, before the answer or in its midst", async () => {
  const before = await followerOf((request) => request.socket.destroy());
  expect(await before.follow("abc", visit)).toEqual({ status: undefined, location: undefined });
  const amidst = await followerOf((request, response) => {
    response.writeHead(200, { "content-length": 100 }).write("half", () => request.socket.destroy());
  });
  expect(await amidst.follow("abc", visit)).toEqual({ status: undefined, location: undefined });
});
