import type { Arriving } from "./arriving.ts";
import type { PlannedEvent } from "./events/planned-event.ts";
import type { Landing } from "./landing.ts";
import type { Reader } from "./reader.ts";

/** Writes down those whose own request no instance has seen, before they are given anything. */
export function noteShared(
  { events, clock }: Landing,
  event: PlannedEvent | undefined,
  arriving: Arriving,
  readers: readonly Reader[],
): void {
  const shared = events && event ? readers.filter(({ collapsed }) => collapsed) : [];
  if (!events || !event || shared.length === 0) return;
  const now = clock.now();
  for (const reader of shared) events.note(event, reader.request, arriving.statusFor(reader, now), now);
  events.settle();
}
