import { connect } from "node:net";
import type { Clock } from "../../model/clock.ts";
import type { AnswerSink, Forwarding, GatewayRequest, UpgradeSink, Upstream } from "../exchange.ts";
import { FramesLink, type InstanceTalk } from "./frames-link.ts";
import { FramesStream } from "./frames-stream.ts";
import { SwitchedStream } from "./switched-stream.ts";

export interface FramesUpstreamOptions {
  readonly clock: Clock;
  /** Connections to the instance; each is made when it is first needed. 1 unless said. */
  readonly connections?: number;
  readonly instances?: InstanceTalk;
}

/**
 * An instance of ours, asked by frames over its Unix socket. The time that a request has left travels with it; that an
 * answer comes in time is for whoever forwards to see to, with `abort`.
 */
export class FramesUpstream implements Upstream {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #instances: InstanceTalk | undefined;
  readonly #links: (FramesLink | undefined)[];
  #closed = false;

  constructor(path: string, { clock, connections = 1, instances }: FramesUpstreamOptions) {
    this.#path = path;
    this.#clock = clock;
    this.#instances = instances;
    this.#links = Array.from({ length: connections });
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    const stream = new FramesStream(request, sink, this.#clock);
    this.#begin(stream);
    return stream;
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    const stream = new SwitchedStream(request, sink, this.#clock);
    this.#begin(stream);
    return stream;
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#links) link?.retire();
  }

  #begin(stream: FramesStream): void {
    if (this.#closed) stream.fail({ reason: "connect", says: "This instance is not asked any more" });
    else this.#leastBusy().begin(stream);
  }

  #leastBusy(): FramesLink {
    let best = 0;
    for (let place = 0; place < this.#links.length; place += 1) {
      const link = this.#links[place];
      if (link === undefined || !link.usable) {
        const fresh = new FramesLink(connect({ path: this.#path }), this.#clock, this.#instances);
        this.#links[place] = fresh;
        return fresh;
      }
      if (link.streams < (this.#links[best] as FramesLink).streams) best = place;
    }
    return this.#links[best] as FramesLink;
  }
}
