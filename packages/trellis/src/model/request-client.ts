/** Coarse facts of who sent a request: made from its address and browser, and all that may be written down of them. */
export interface RequestClient {
  /** ISO 3166-1, two letters. Empty where nobody knows, and for addresses of private networks. */
  readonly country: string;
  /**
   * The same number below 2⁵³ for the same address and user agent within one day of UTC, whichever process is asked; it
   * tells nothing once the day's salt is gone. Undefined where there is no address, and while the salt is not known.
   */
  readonly visitor: number | undefined;
}

/** Of calls of other services, which come from no person's address. */
export const unknownClient: RequestClient = { country: "", visitor: undefined };
