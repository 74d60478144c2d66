import { EventEmitter } from "node:events";
import { gatewayPeer } from "../../../../policies/http/trusted-proxies.ts";

/**
 * What stands for the socket of each request of one connection. Its far end is the gateway, which is believed of
 * where a request comes from. To end it would end others' requests too, so `destroy` does nothing; a request and
 * its response can be destroyed.
 */
export class FramesSocket extends EventEmitter {
  readonly encrypted = false;
  readonly remoteAddress = gatewayPeer;
  readonly remotePort: number | undefined = undefined;
  destroyed = false;

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  get readable(): boolean {
    return !this.destroyed;
  }

  get writable(): boolean {
    return !this.destroyed;
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  destroy(): this {
    return this;
  }

  closed(): void {
    this.destroyed = true;
    this.emit("close", false);
  }
}
