import { TrellisError } from "../../../model/errors.ts";
import type { Wait } from "./wait.ts";

/**
 * The events of an answer, each decoded as it is asked for. Leaving the loop, or `return()` while an event is awaited,
 * ends the stream on the other side too.
 */
export function receivedEvents(
  texts: AsyncIterable<string>,
  decode: (text: string) => Promise<unknown>,
  wait: Wait,
): AsyncIterableIterator<unknown, undefined> {
  const source = texts[Symbol.asyncIterator]();
  const ended = { done: true, value: undefined } as const;
  let left = false;
  const leave = (): void => {
    left = true;
    wait.leave();
    // An in-process source may be in the middle of its own await: it hears the signal, and nobody waits for it here.
    source.return?.().catch(() => undefined);
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (left) return ended;
      try {
        const step = await wait.for(source.next());
        if (!step.done) return { done: false, value: await decode(step.value) };
        wait.end();
        return ended;
      } catch (error) {
        if (left) return ended;
        leave();
        if (wait.gaveUp() || error instanceof TrellisError) throw error;
        throw new TrellisError("unavailable", { says: "The stream of events broke off", cause: error });
      }
    },
    async return() {
      leave();
      return ended;
    },
  };
}
