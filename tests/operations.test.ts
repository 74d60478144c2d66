import { expect, test } from "vitest";
import { millApp } from "./helpers/mill-app.ts";
import { runTrellis, startTrellis } from "./helpers/trellis-process.ts";

const daily = '{ every: "1d", run: async () => {} }';

interface JobList {
  readonly jobs: readonly { readonly id: string; readonly error: string }[];
}

async function answerOf<T>(words: readonly string[], app: { readonly folder: string }): Promise<T> {
  const { code, stdout, stderr } = await runTrellis([...words, "--json"], app);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as T;
}

async function grind(url: string, sack: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/grind`, { method: "POST", headers, body: JSON.stringify({ sack }) });
  expect(answer.status).toBe(200);
}

test("jobs, schedules and streams are shown and mended from the command line, while the app runs and while it does not", async () => {
  const app = millApp(daily);
  const trellis = startTrellis(app);
  const { url } = await trellis.ready;
  for (const sack of ["wheat", "stones", "stones"]) await grind(url, sack);
  const dead = async () => (await answerOf<JobList>(["jobs", "dead"], app)).jobs;
  await expect.poll(async () => (await dead()).length, { timeout: 20_000 }).toBe(2);
  expect((await dead())[0]?.error).toContain("Stones break the mill");

  const [first, second] = await dead();
  expect(await answerOf(["jobs", "retry", first?.id ?? ""], app)).toEqual({ count: 1 });
  await expect.poll(async () => (await dead())[0]?.id, { timeout: 20_000 }).toBe(first?.id);
  await trellis.stop();

  expect(await answerOf(["jobs", "drop", first?.id ?? "", second?.id ?? "", "unknown"], app)).toEqual({ count: 2 });
  expect(await dead()).toEqual([]);
  const { queues } = await answerOf<{ queues: readonly object[] }>(["jobs"], app);
  expect(queues).toContainEqual(expect.objectContaining({ queue: "mill.grinding", done: 1 }));
  expect(await answerOf(["schedules"], app)).toMatchObject({
    schedules: [{ service: "mill", name: "turn", spec: "every 1d", runs: [] }],
  });
  expect(await answerOf(["streams"], app)).toMatchObject({
    streams: [{ service: "mill", name: "flour", appended: 3, groups: [{ group: "mill", setAside: 0 }] }],
    spools: [],
  });
});

test("for people they are aligned tables, and what is not understood is said", async () => {
  const app = millApp(daily);
  const { stdout } = await runTrellis(["schedules"], app);
  expect(stdout).toMatch(/^SCHEDULE +TIMES +NEXT +LAST +TOOK +OUTCOME\nmill\.turn +every 1d +\d{4}-\S+ +never\n$/);
  expect((await runTrellis(["jobs"], app)).stdout).toBe("No queue has had a job.\n");
  expect((await runTrellis(["jobs", "dead"], app)).stdout).toBe("There are no dead jobs.\n");
  expect((await runTrellis(["streams"], app)).stdout).toBe("The app has no streams.\n");
  expect(await runTrellis(["jobs", "drop"], app)).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("needs ID"),
  });
  expect(await runTrellis(["jobs", "ded"], app)).toMatchObject({ code: 64 });
  expect(await runTrellis(["jobs", "dead", "--limit", "many"], app)).toMatchObject({ code: 64 });
});
