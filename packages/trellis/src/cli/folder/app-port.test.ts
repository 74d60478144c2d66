import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { choosePort } from "./app-port.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";

function data(): DataFolder {
  const path = mkdtempSync(join(tmpdir(), "trellis-port-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return openDataFolder(path);
}

/** A port that someone listens on, at this address. */
async function taken(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

test("a port that was asked for is had or refused, never another", async () => {
  const port = await taken("0.0.0.0");
  await expect(choosePort(String(port), {}, data())).rejects.toMatchObject({
    code: "port-in-use",
    message: `Port ${port} is in use`,
  });
  await expect(choosePort(undefined, { PORT: String(port) }, data())).rejects.toMatchObject({ code: "port-in-use" });
  const free = await choosePort("0", {}, data());
  expect(await choosePort(String(free), { PORT: String(port) }, data())).toBe(free);
});

test("a port counts as taken when it is so on one address only", async () => {
  const port = await taken("127.0.0.1");
  await expect(choosePort(String(port), {}, data())).rejects.toMatchObject({ code: "port-in-use" });
});

test("what is no port is refused", async () => {
  for (const port of ["web", "-1", "65536", "3000.5"])
    await expect(choosePort(port, {}, data())).rejects.toMatchObject({ code: "usage", exit: 64 });
});

test("the port that an app had is its port again, unless another took it meanwhile", async () => {
  const folder = data();
  const free = await choosePort("0", {}, folder);
  folder.rememberPort(free);
  expect(await choosePort(undefined, {}, folder)).toBe(free);
  folder.rememberPort(await taken("127.0.0.1"));
  const other = await choosePort(undefined, {}, folder);
  expect(other).toBeGreaterThanOrEqual(3_000);
  expect(other).toBeLessThan(4_000);
  expect(folder.port()).toBe(other);
});
