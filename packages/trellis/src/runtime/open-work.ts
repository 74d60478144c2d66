import { outsideRequests } from "../blocks/http/endpoint/caller-storage.ts";
import type { ScheduleEngine } from "../blocks/schedule/port.ts";
import type { Serving } from "../model/block.ts";
import { TrellisError } from "../model/errors.ts";
import type { AnyHandler } from "../model/service.ts";
import type { OpenBlock, OpenService } from "./open-services.ts";

/** What works and consumes here, until the instance ends. */
export interface OpenWork {
  /** Nothing new is taken; resolves when what was begun is finished. */
  stop(): Promise<void>;
}

/** Hands every queue's jobs and every stream's events to the handlers that their services have, and fires schedules. */
export async function openWork(services: readonly OpenService[], schedules: ScheduleEngine): Promise<OpenWork> {
  const servings: Serving[] = [];
  for (const { service, handles, blocks } of services)
    for (const handlers of [service.works, service.consumes])
      for (const [name, handler] of Object.entries(handlers))
        if (handler) servings.push(serve(findBlock(blocks, service.contract.name, name), handler, handles));
  servings.push(await schedules.start());
  let stopped: Promise<unknown> | undefined;
  return {
    async stop() {
      stopped ??= Promise.all(servings.map((serving) => serving.stop()));
      await stopped;
    },
  };
}

/** Where nothing is worked: this instance only answers. */
export const noWork: OpenWork = { stop: () => Promise.resolve() };

function findBlock(blocks: readonly OpenBlock[], service: string, name: string): OpenBlock {
  const block = blocks.find((one) => one.name === name);
  if (block) return block;
  throw new TrellisError("invalid-app", {
    says: `${service} handles "${name}", which it does not use`,
    cure: "Declare the block in `uses` under the name of its handler.",
  });
}

function serve({ service, name, opened }: OpenBlock, handler: AnyHandler, use: unknown): Serving {
  if (!opened.serve)
    throw new TrellisError("invalid-app", {
      says: `${service}.${name} gives no work and delivers no events, but has a handler for them`,
      cure: "Take the handler out of `works` and `consumes`, or use a queue or a stream.",
    });
  const call = handler as (given: unknown, use: unknown) => Promise<unknown>;
  return opened.serve(async (given: unknown) => outsideRequests(() => call(given, use)));
}
