import { expect, it } from "vitest";
import { settled, testClock } from "../../../testing/test-clock.ts";
import { EventWriter } from "./event-writer.ts";

it("ends whole for a client that reads the last event after the next heartbeat was due", async () => {
  const clock = testClock();
  const texts = (async function* () {
    yield "last";
  })();
  const failures: unknown[] = [];
  const writer = new EventWriter(texts, clock, (error) => failures.push(error)).on("error", (error) =>
    failures.push(error),
  );
  writer.read(0);
  await settled();
  await clock.advance(60_000);
  let text = "";
  for await (const chunk of writer) text += chunk;
  expect(failures).toEqual([]);
  expect(text).toBe(":\n\ndata: last\n\n");
});
