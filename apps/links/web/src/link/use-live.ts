import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type LiveState, now } from "trellis-ui";
import type { LiveClicks } from "../../../src/contract.ts";
import { links } from "../api.ts";

interface Live {
  readonly state: LiveState;
  readonly clicks?: LiveClicks;
  /** When a click last came, in milliseconds since 1970. */
  readonly movedAt?: number;
}

const againMs = { first: 1_000, most: 15_000 } as const;

/** Follows a link's clicks as they are counted, and goes on after the connection was lost. */
export function useLive(code: string): Live {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>({ state: "connecting" });
  useEffect(() => {
    const ended = new AbortController();
    let pauseMs: number = againMs.first;
    const follow = async () => {
      const events = await links.live({ params: { code } }, { signal: ended.signal });
      let seen: number | undefined;
      for await (const clicks of events) {
        pauseMs = againMs.first;
        const sum = total(clicks);
        const moved = seen !== undefined && sum !== seen;
        seen = sum;
        setLive((before) => ({
          state: "live",
          clicks,
          ...(moved ? { movedAt: now() } : before.movedAt === undefined ? {} : { movedAt: before.movedAt }),
        }));
      }
    };
    const keepOn = async () => {
      while (!ended.signal.aborted) {
        // A stream that ends or fails is begun again; who is not signed in is asked for a key by other calls.
        await follow().catch(() => undefined);
        if (ended.signal.aborted) return;
        setLive((before) => ({ ...before, state: "lost" }));
        await pause(pauseMs, ended.signal);
        pauseMs = Math.min(pauseMs * 2, againMs.most);
      }
    };
    setLive({ state: "connecting" });
    void keepOn();
    return () => ended.abort();
  }, [code]);
  useEffect(() => {
    if (live.movedAt !== undefined)
      void queries.invalidateQueries({ queryKey: ["links", "list"], refetchType: "none" });
  }, [live.movedAt, queries]);
  return live;
}

function total({ total: { humans, bots, previews, heads } }: LiveClicks): number {
  return humans + bots + previews + heads;
}

function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pauseMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
