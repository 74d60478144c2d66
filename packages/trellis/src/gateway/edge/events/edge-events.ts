import type { GatewayRequest } from "../../exchange.ts";
import type { RouteCount } from "../route-counts.ts";
import type { HeldAnswer } from "./held-answer.ts";
import type { PlannedEvent } from "./planned-event.ts";

/** Writes down what the edge answers in the place of an instance, before the answers leave. */
export interface EdgeEvents {
  /** What an instance has said of an answer's event; undefined where the text says nothing. */
  planOf(text: string, route: RouteCount): PlannedEvent | undefined;
  /** Someone is about to be given an answer. It is written at the end of this turn, or by `settle`. */
  note(event: PlannedEvent, request: GatewayRequest, status: number, now: number): void;
  /** The answer leaves when everything that was noted in this turn is written. */
  hold(answer: HeldAnswer): void;
  /** Writes what was noted so far: answers to it may leave now. */
  settle(): void;
  /** Events that could not be written down since the start. */
  readonly unlogged: number;
  /** Leaves what is written to the instances. */
  close(): Promise<void>;
}
