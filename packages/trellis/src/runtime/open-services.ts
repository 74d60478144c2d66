import type { EngineName, Opened, Opening } from "../model/block.ts";
import { TrellisError } from "../model/errors.ts";
import type { Service } from "../model/service.ts";

export interface OpenService {
  readonly service: Service;
  /** What its handlers are given, by the names in `uses`. */
  readonly handles: Readonly<Record<string, unknown>>;
  readonly blocks: readonly OpenBlock[];
}

export interface OpenBlock {
  readonly service: string;
  readonly name: string;
  readonly opened: Opened<unknown>;
}

/** What all blocks of an instance are opened with. */
export type Common = Omit<Opening, "service" | "name" | "engine">;

interface Parts extends Common {
  readonly engines: ReadonlyMap<string, unknown>;
  /** Told of each block as soon as it is open, so that it is closed even when a later one fails. */
  readonly onOpen: (block: OpenBlock) => void;
}

/** Opens every block of one service, in the order in which it names them. */
export async function openService(service: Service, parts: Parts): Promise<OpenService> {
  const { engines, onOpen, ...common } = parts;
  const handles: Record<string, unknown> = {};
  const blocks: OpenBlock[] = [];
  for (const [name, declared] of Object.entries(service.uses)) {
    const place = `${service.contract.name}.${name}`;
    const opened = await declared.open({
      ...common,
      service: service.contract.name,
      name,
      log: common.log.with({ block: place }),
      engine: <E>(engine: EngineName<E>): E => {
        if (!engines.has(engine))
          throw new TrellisError("no-engine", { says: `${place} needs the engine "${engine}"` });
        return engines.get(engine) as E;
      },
    });
    handles[name] = opened.handle;
    const block = { service: service.contract.name, name, opened };
    blocks.push(block);
    onOpen(block);
  }
  return { service, handles, blocks };
}
