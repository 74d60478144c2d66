import { expect, test } from "vitest";
import { notesApp, read } from "./helpers/notes-app.ts";
import { lives, startTrellis } from "./helpers/trellis-process.ts";

test("Ctrl-C, which the terminal sends to every process, ends it in the same good order", async () => {
  const trellis = startTrellis(notesApp());
  const { url, instances } = await trellis.ready;
  const slow = read(`${url}/v1/slow`);
  await read(`${url}/v1/who`);
  for (const pid of [...instances.map(({ pid }) => pid), trellis.pid]) process.kill(pid, "SIGINT");
  expect(await slow).toEqual({ slept: 700 });
  expect((await trellis.ended).code).toBe(0);
});

test("whoever asks again gets the end at once", async () => {
  const app = notesApp();
  app.edit("700 }), 700", "700 }), 600_000");
  const trellis = startTrellis(app);
  const { url, instances } = await trellis.ready;
  const slow = read(`${url}/v1/slow`).catch(() => "cut off");
  await read(`${url}/v1/who`);
  const all = trellis.descendants();
  const instancesLeft = () => instances.filter(({ pid }) => lives(pid)).length;
  await expect
    .poll(
      () => {
        trellis.signal("SIGTERM");
        return instancesLeft();
      },
      { timeout: 10_000 },
    )
    .toBe(0);
  expect((await trellis.ended).code).toBe(0);
  expect(await slow).toBe("cut off");
  expect(all.filter(lives)).toEqual([]);
}, 15_000);

test("a stop that is asked for while it starts is heeded, and leaves nothing", async () => {
  const trellis = startTrellis(notesApp());
  await trellis.event(({ event }) => event === "database");
  const all = trellis.descendants();
  const { code, events } = await trellis.stop();
  expect(code).toBe(0);
  expect(events.map(({ event }) => event)).not.toContain("ready");
  expect(all.filter(lives)).toEqual([]);
});
