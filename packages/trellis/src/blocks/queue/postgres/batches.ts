import { TrellisError } from "../../../model/errors.ts";

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Gathers what is given while one batch is on its way and sends it as the next: many small statements become few
 * large ones exactly when there are many, and one alone does not wait.
 */
export class Batches<Item, Answer> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #itemsMax: number;
  #waiting: Waiting<Item, Answer>[] = [];
  #sending = false;

  /** `send` answers in the order of the items. Where it rejects, so does every item of the batch. */
  constructor(itemsMax: number, send: (items: readonly Item[]) => Promise<readonly Answer[]>) {
    this.#itemsMax = itemsMax;
    this.#send = send;
  }

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#sending) this.#sendAll();
    });
  }

  #sendAll(): void {
    this.#sending = true;
    // What is given in the same turn belongs to the first batch.
    queueMicrotask(async () => {
      while (this.#waiting.length > 0) await this.#sendOne(this.#waiting.splice(0, this.#itemsMax));
      this.#sending = false;
    });
  }

  async #sendOne(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#send(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries())
        if (index < answers.length) resolve(answers[index] as Answer);
        else reject(new TrellisError("internal", { says: "A batch was answered in part" }));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
