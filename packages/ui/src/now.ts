import { useSyncExternalStore } from "react";

/** The pages' clock: the one place that reads it. Milliseconds since 1970. */
export function now(): number {
  return Date.now();
}

/** The present time, anew every `stepMs` (1,000 unless said otherwise): whoever shows an age uses it. */
export function useNow(stepMs = 1_000): number {
  return useSyncExternalStore(
    (changed) => {
      const timer = setInterval(changed, stepMs);
      return () => clearInterval(timer);
    },
    () => Math.floor(now() / stepMs) * stepMs,
  );
}
