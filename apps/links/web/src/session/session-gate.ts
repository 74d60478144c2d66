/** Whether the server knows who is here. A store of its own, since queries close it and the page shows it. */
class SessionGate {
  #open = true;
  readonly #listeners = new Set<() => void>();

  /** False once the server has said that it knows nobody. */
  get open(): boolean {
    return this.#open;
  }

  close(): void {
    this.#set(false);
  }

  reopen(): void {
    this.#set(true);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    for (const listener of this.#listeners) listener();
  }
}

export const sessionGate = new SessionGate();
