import type { Opening } from "../../model/block.ts";
import type { Batch } from "../../model/service.ts";
import type { EventForm, Reading } from "./event-form.ts";
import type { BatchHandler } from "./port.ts";

interface HandlerParts<Event> extends Pick<Opening, "clock" | "random" | "log"> {
  readonly form: EventForm<Event>;
  readonly upcast: ((old: unknown) => unknown) | undefined;
}

/** What the engine hands each batch to: reads its events, sets aside what does not fit, runs the service's handler. */
export function eventHandler<Event>(
  run: (batch: Batch<Event>) => Promise<unknown>,
  { form, upcast, clock, random, log }: HandlerParts<Event>,
): BatchHandler {
  const now = (): number => clock.now();
  return async ({ bodies, tx, signal, setAside }) => {
    const events: Event[] = [];
    for (const [index, body] of bodies.entries()) {
      const found = readEvent(body, form, upcast);
      const read = found instanceof Promise ? await found : found;
      if ("event" in read) events.push(read.event);
      else setAside(index, read.problem);
    }
    if (events.length > 0) await run({ events, tx, signal, now, random, log });
  };
}

function readEvent<Event>(
  body: string,
  form: EventForm<Event>,
  upcast: ((old: unknown) => unknown) | undefined,
): Reading<Event> | Promise<Reading<Event>> {
  const wire: unknown = JSON.parse(body);
  const read = form.read(wire);
  if (!upcast) return read;
  return read instanceof Promise
    ? read.then((first) => lifted(first, wire, form, upcast))
    : lifted(read, wire, form, upcast);
}

/** An event that fits as it is needs no lift. */
function lifted<Event>(
  read: Reading<Event>,
  wire: unknown,
  form: EventForm<Event>,
  upcast: (old: unknown) => unknown,
): Reading<Event> | Promise<Reading<Event>> {
  if ("event" in read) return read;
  try {
    return form.read(upcast(wire));
  } catch (error) {
    return { problem: `upcast failed: ${error instanceof Error ? error.message : error}` };
  }
}
