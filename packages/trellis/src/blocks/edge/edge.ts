import { type Block, block } from "../../model/block.ts";
import { TrellisError } from "../../model/errors.ts";
import { type Purge, purgeTagMax, purgeUrlMax, safeTag } from "../../model/purge.ts";
import type { Transaction } from "../../model/transaction.ts";
import { edgeBlockLimits } from "./limits.ts";
import { type Edge, type EdgeEngine, edgeEngine } from "./port.ts";

export type { Edge } from "./port.ts";

/**
 * Declares that a service takes answers out of the gateway's edge cache: `edge: edge()`, then `await edge.purge(code)`,
 * or `await edge.in(tx).purge(code)` to do it with the commit.
 */
export function edge(): Block<"edge", Edge> {
  return block<"edge", Edge>({
    kind: "edge",
    needs: [edgeEngine],
    limits: edgeBlockLimits,
    open: ({ service, engine }) => ({ handle: new EdgeHandle(service, engine(edgeEngine)) }),
  });
}

class EdgeHandle implements Edge {
  readonly #service: string;
  readonly #engine: EdgeEngine;
  readonly #tx: Transaction | undefined;

  constructor(service: string, engine: EdgeEngine, tx?: Transaction) {
    this.#service = service;
    this.#engine = engine;
    this.#tx = tx;
  }

  in(tx: Transaction): this {
    return new EdgeHandle(this.#service, this.#engine, tx) as this;
  }

  async purge(...tags: readonly string[]): Promise<void> {
    for (const tag of tags) checkTag(tag);
    for (const tag of tags) await this.#send({ tag: safeTag(tag), service: this.#service });
  }

  async purgeUrl(url: string): Promise<void> {
    if (url.length > purgeUrlMax || !/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw new TrellisError("invalid-input", {
        says: `"${url.slice(0, 100)}" is no address that can be purged`,
        cure: `Give a whole one, such as https://go.example/a, of at most ${purgeUrlMax} characters.`,
      });
    await this.#send({ url });
  }

  purgeAll(): Promise<void> {
    return this.#send({ all: true, service: this.#service });
  }

  #send(purge: Purge): Promise<void> {
    return this.#engine.purge(purge, this.#tx);
  }
}

function checkTag(tag: string): void {
  if (tag !== "" && tag.length <= purgeTagMax) return;
  throw new TrellisError("invalid-input", {
    says: tag === "" ? "A tag is empty" : `A tag has more than ${purgeTagMax} characters`,
    cure: "Give a tag that the contract's `edge` gives to an answer.",
  });
}
