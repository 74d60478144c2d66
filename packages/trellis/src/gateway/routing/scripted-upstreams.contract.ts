import type { AnswerSink, Forwarding, GatewayRequest, UpgradeSink, Upstream } from "../exchange.ts";
import type { UpstreamRule } from "../port.ts";

/** One request that an upstream of a test was asked. The test answers it, now or later. */
export interface AskedOf {
  readonly request: GatewayRequest;
  readonly sink: AnswerSink;
  readonly upgradeSink: UpgradeSink | undefined;
  /** Nobody waits for it any more. */
  isAborted: boolean;
}

export type Script = (asked: AskedOf) => void;

export const answersOk: Script = ({ sink }) => sink.whole(200, [], "ok");
export const keepsQuiet: Script = () => {};
export const failsWith =
  (reason: "connect" | "unsent" | "reset" | "invalid-answer"): Script =>
  ({ sink }) =>
    sink.fail({ reason, says: reason });

/** An upstream that does as it is told. */
export class ScriptedUpstream implements Upstream {
  readonly asked: AskedOf[] = [];
  isClosed = false;
  script: Script;

  constructor(script: Script) {
    this.script = script;
  }

  forward(request: GatewayRequest, sink: AnswerSink): Forwarding {
    return this.#take({ request, sink, upgradeSink: undefined, isAborted: false });
  }

  upgrade(request: GatewayRequest, sink: UpgradeSink): Forwarding {
    return this.#take({ request, sink, upgradeSink: sink, isAborted: false });
  }

  close(): void {
    this.isClosed = true;
  }

  #take(asked: AskedOf): Forwarding {
    if (this.isClosed) throw new Error("a closed upstream was asked");
    this.asked.push(asked);
    this.script(asked);
    return {
      resume() {},
      abort() {
        asked.isAborted = true;
      },
    };
  }
}

/** All that were made, by their ids. One that was made anew is the later one. */
export class ScriptedUpstreams {
  readonly #made = new Map<string, ScriptedUpstream>();
  readonly #script: Script;

  constructor(script: Script = answersOk) {
    this.#script = script;
  }

  readonly make = ({ id }: UpstreamRule): Upstream => {
    const upstream = new ScriptedUpstream(this.#script);
    this.#made.set(id, upstream);
    return upstream;
  };

  get(id: string): ScriptedUpstream {
    const upstream = this.#made.get(id);
    if (!upstream) throw new Error(`no upstream ${id} was made`);
    return upstream;
  }

  /** How often each was asked. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#made].map(([id, { asked }]) => [id, asked.length]));
  }
}
