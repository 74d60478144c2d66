import type { AddressInfo } from "node:net";

/** For the sides: tells the bench where this server answers. */
export function announce(address: AddressInfo | string | null): void {
  if (address === null || typeof address === "string") throw new TypeError("The server listens on no port.");
  console.log(JSON.stringify({ listening: address.port }));
}
