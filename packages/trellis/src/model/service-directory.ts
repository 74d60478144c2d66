/** Where services answer that run in other instances. Read at each call: whoever fills it changes what it says. */
export interface ServiceDirectory {
  /**
   * The addresses of the instances that answer for the service now, without a path: `http://127.0.0.1:4071`. None: no
   * such instance is known. The same list again as long as nothing has changed.
   */
  addressesOf(service: string): readonly string[];
  /** Nobody answered at an address: resolves when it has looked again. Never rejects. */
  refresh(): Promise<void>;
  /**
   * No instance of it is known: has one started where all of them are at rest. Resolves when one is known, or when there
   * is nothing to wait for any more. Never rejects.
   */
  wake(service: string): Promise<void>;
}
