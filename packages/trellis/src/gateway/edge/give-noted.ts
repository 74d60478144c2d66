import type { EdgeEvents } from "./events/edge-events.ts";
import { HeldAnswer } from "./events/held-answer.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import { type Giving, give } from "./give.ts";

/** `give` for an answer that is an event: it leaves when that is written down. Undefined where it cannot be given. */
export function giveNoted(events: EdgeEvents, event: PlannedEvent, giving: Giving): HeldAnswer | undefined {
  const held = new HeldAnswer(giving.sink);
  if (!give({ ...giving, sink: held })) return undefined;
  events.note(event, giving.request, held.status, giving.now);
  events.hold(held);
  return held;
}
