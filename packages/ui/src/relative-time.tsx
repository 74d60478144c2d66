import { formatExact, formatRelative } from "./format.ts";
import { useNow } from "./now.ts";

/** When something was or will be: relative up to a week, then the date; exact, with the zone, on hover. */
export function RelativeTime({ at }: { /** As ISO 8601 or milliseconds since 1970. */ readonly at: string | number }) {
  const nowMs = useNow(5_000);
  const atMs = new Date(at).getTime();
  return (
    <time className="relative-time" dateTime={new Date(atMs).toISOString()} title={formatExact(atMs)}>
      {formatRelative(atMs, nowMs)}
    </time>
  );
}
