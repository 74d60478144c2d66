import type { Duplex } from "node:stream";
import { frameKind } from "../../frames/frame-kind.ts";
import type { Clock } from "../../model/clock.ts";
import type { GatewayRequest, HeaderList, UpgradeSink, UpstreamFailure } from "../exchange.ts";
import { FramesStream } from "./frames-stream.ts";

/** A request to switch protocols; once the instance agrees, bytes in both directions until both sides have ended. */
export class SwitchedStream extends FramesStream {
  readonly #sink: UpgradeSink;
  #client: Duplex | undefined = undefined;
  #sentAll = false;
  #instanceEnded = false;

  constructor(request: GatewayRequest, sink: UpgradeSink, clock: Clock) {
    super(request, sink, clock);
    this.#sink = sink;
  }

  override fail(failure: UpstreamFailure): void {
    const client = this.#client;
    if (client === undefined) super.fail(failure);
    else if (!this.over) {
      this.finish();
      client.destroy();
    }
  }

  override abort(): void {
    super.abort();
    this.#client?.destroy();
  }

  protected override kind(): number {
    return frameKind.upgrade;
  }

  protected override switched(headers: HeaderList): void {
    const client = this.#sink.switched(headers);
    this.#client = client;
    client.on("drain", () => this.resume());
    this.goBothWays(client);
  }

  protected override deliver(chunk: Buffer): boolean {
    return this.#client ? this.#client.write(chunk) : super.deliver(chunk);
  }

  protected override ended(trailers: HeaderList): void {
    if (!this.#client) {
      super.ended(trailers);
      return;
    }
    this.#instanceEnded = true;
    this.#client.end();
    this.#finishIfBothEnded();
  }

  protected override sentAll(): void {
    if (!this.#client) return;
    this.#sentAll = true;
    this.#finishIfBothEnded();
  }

  #finishIfBothEnded(): void {
    if (this.#sentAll && this.#instanceEnded) this.finish();
  }
}
