/**
 * The handles of blocks that later versions bring, declared with the public call that a stranger would use for a kind
 * of his own. They have no engine: they are here so that the model is proven on whole apps, not on what exists today.
 */

import type { Transactional } from "trellis";
import { type Block, block, type Infer, type Schema } from "trellis/block";

export interface Search<Doc> extends Transactional {
  put(...docs: readonly Doc[]): Promise<void>;
  find(ask: { prefix?: string; text?: string; where?: Partial<Doc>; limit?: number }): Promise<readonly Doc[]>;
}
export interface Channel<Key, Event> extends Transactional {
  publish(key: Key, event: Event): Promise<void>;
  subscribe(key: Key, signal: AbortSignal): AsyncIterable<Event>;
}
export interface Mail<Message> extends Transactional {
  send(message: Message): Promise<void>;
}

function toCome<const Kind extends string, Handle>(kind: Kind): Block<Kind, Handle> {
  const open = () => {
    throw new TypeError(`No engine for ${kind}: types only`);
  };
  return block<Kind, Handle>({ kind, needs: [kind], limits: [], open });
}

export function search<S extends Schema>(
  _doc: S,
  _options: { id: keyof Infer<S>; prefix?: readonly (keyof Infer<S>)[]; text?: readonly (keyof Infer<S>)[] },
): Block<"search", Search<Infer<S>>> {
  return toCome("search");
}

export function channel<S extends Schema, Key = string>(_event: S): Block<"channel", Channel<Key, Infer<S>>> {
  return toCome("channel");
}

export function mail<S extends Schema>(_message: S, _template: string): Block<"mail", Mail<Infer<S>>> {
  return toCome("mail");
}
