import type { Readable } from "node:stream";
import type { GatewayRequest, HeaderList, RequestFacts } from "../exchange.ts";

/** A request as one try sends it: the same, with a body of its own. */
export class TryRequest implements GatewayRequest {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly scheme: "http" | "https";
  readonly headers: HeaderList;
  readonly body: Readable;
  readonly clientAddress: string;
  readonly requestId: string;
  readonly startMs: number;
  deadlineMs: number;
  readonly facts: RequestFacts;

  constructor(request: GatewayRequest, body: Readable) {
    this.method = request.method;
    this.target = request.target;
    this.authority = request.authority;
    this.scheme = request.scheme;
    this.headers = request.headers;
    this.body = body;
    this.clientAddress = request.clientAddress;
    this.requestId = request.requestId;
    this.startMs = request.startMs;
    this.deadlineMs = request.deadlineMs;
    this.facts = request.facts;
  }
}
