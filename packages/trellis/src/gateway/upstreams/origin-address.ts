import { isIP } from "node:net";
import type { HttpAddress } from "../port.ts";

/** An origin, taken apart. */
export class OriginAddress {
  readonly url: URL;
  /** `https://origin.example:8443`. */
  readonly origin: string;
  /** Without the brackets that an IPv6 address has in a URL. */
  readonly hostName: string;
  /** PEM: trusted instead of the usual authorities. */
  readonly authorities: readonly string[] | undefined;

  constructor({ url }: HttpAddress, authorities: readonly string[] | undefined) {
    this.url = new URL(url);
    this.origin = this.url.origin;
    this.hostName = this.url.hostname.replace(/^\[|\]$/g, "");
    this.authorities = authorities;
  }

  /**
   * What TLS is told: certificates are checked against the origin's own name, whatever host the client asked for, and no
   * name is told where there is only an address.
   */
  get tls(): { readonly servername?: string; readonly ca?: string[] } {
    return {
      ...(isIP(this.hostName) === 0 ? { servername: this.hostName } : {}),
      ...(this.authorities ? { ca: [...this.authorities] } : {}),
    };
  }
}
