import type { EngineName, Opened } from "../model/block.ts";
import type { Clock, Random } from "../model/clock.ts";
import { TrellisError } from "../model/errors.ts";
import type { Log } from "../model/log.ts";
import type { Service } from "../model/service.ts";
import type { Settings } from "../model/settings.ts";

export interface OpenService {
  readonly service: Service;
  /** What its handlers are given, by the names in `uses`. */
  readonly handles: Readonly<Record<string, unknown>>;
}

export interface OpenBlock {
  /** `SERVICE.NAME`, as readiness and figures say it. */
  readonly name: string;
  readonly opened: Opened<unknown>;
}

interface Parts {
  readonly engines: ReadonlyMap<string, unknown>;
  readonly mode: Settings["mode"];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of each block as soon as it is open, so that it is closed even when a later one fails. */
  readonly onOpen: (block: OpenBlock) => void;
}

/** Opens every block of one service, in the order in which it names them. */
export async function openService(service: Service, parts: Parts): Promise<OpenService> {
  const { engines, mode, clock, random, log, onOpen } = parts;
  const handles: Record<string, unknown> = {};
  for (const [name, block] of Object.entries(service.uses)) {
    const place = `${service.contract.name}.${name}`;
    const opened = await block.open({
      service: service.contract.name,
      name,
      mode,
      clock,
      random,
      log: log.with({ block: place }),
      engine: <E>(engine: EngineName<E>): E => {
        if (!engines.has(engine))
          throw new TrellisError("no-engine", { says: `${place} needs the engine "${engine}"` });
        return engines.get(engine) as E;
      },
    });
    handles[name] = opened.handle;
    onOpen({ name: place, opened });
  }
  return { service, handles };
}
