import type { Clock } from "../../model/clock.ts";
import type { StopSignals } from "../world.ts";

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Ctrl-C reaches this process twice when npm runs it, from the terminal and passed on by npm: signals this close
 * together are one wish.
 */
const sameWishMs = 500;

/** A timer far in the future, for nothing else holds a process alive whose instances have all just crashed. */
const longMs = 2 ** 31 - 1;

/** The signals of this process. */
export function stopSignals(clock: Clock): StopSignals {
  return {
    listen(stop, hurry, reload) {
      let firstAt: number | undefined;
      const receive = (signal: string) => {
        if (firstAt === undefined) {
          firstAt = clock.now();
          stop(signal);
        } else if (clock.now() - firstAt > sameWishMs) hurry();
      };
      const listeners = names.map((name) => ({ name, run: name === "SIGHUP" && reload ? reload : receive }));
      for (const { name, run } of listeners) process.on(name, run);
      const alive = setInterval(() => undefined, longMs);
      return () => {
        clearInterval(alive);
        for (const { name, run } of listeners) process.off(name, run);
      };
    },
  };
}
