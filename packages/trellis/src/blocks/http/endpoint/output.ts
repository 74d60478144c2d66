import type { Mode } from "../../../model/block.ts";
import type { Departures } from "../../../model/departures.ts";
import { milliseconds } from "../../../model/duration.ts";
import { edgeEventHeader, formatEdgeEventPlan } from "../../../model/edge-event.ts";
import { edgeRouteHeader } from "../../../model/edge-route.ts";
import { TrellisError } from "../../../model/errors.ts";
import { safeTag } from "../../../model/purge.ts";
import { type FileContent, isReply, type Redirect, type Reply, type SetCookie } from "../../../model/reply.ts";
import { type EdgeHints, edgeEventHeaders, permissionOf, type Route } from "../../../model/route.ts";
import type { Schema } from "../../../model/schema.ts";
import type { Service } from "../../../model/service.ts";
import type { WireAnswer } from "../port.ts";
import { AnswerMisfit } from "./answer-misfit.ts";
import { callerStorage } from "./caller-storage.ts";
import type { Exchange } from "./exchange.ts";
import { socketOutput } from "./socket-output.ts";
import { WireEvents } from "./wire-events.ts";
import { wireForm } from "./wire-form.ts";
import { compileMessage } from "./wire-message.ts";

/** Makes the answer that carries a handler's value. Throws `AnswerMisfit` where the value is not what was promised. */
export type WriteOutput = (value: unknown, exchange: Exchange) => WireAnswer | Promise<WireAnswer>;

interface Facts {
  readonly mode: Mode;
  readonly departures?: Departures | undefined;
  /** Of a message, too. */
  readonly bodyBytesMax: number;
}

type Headers = Record<string, string>;

const json = "application/json; charset=utf-8";

/** Compiles how a route answers. Throws `invalid-app` where its schema cannot be written as JSON. */
export function compileOutput(service: Service, name: string, route: Route, facts: Facts): WriteOutput {
  const { mode } = facts;
  const { returns } = route.options;
  const of = `${service.contract.name}.${name}: the answer`;
  const edge = edgeHeaders(route, of, edgeEventOf(service, name, route));
  if (!isReply(returns)) return valueOutput(writer(returns, of, mode), 200, headersOf(route, edge));
  if (returns.kind === "redirect") return redirectOutput(edge, of);
  if (returns.kind === "nothing") return () => ({ status: returns.status, headers: {}, body: "" });
  if (returns.kind === "cookie") return cookieOutput(returns, of);
  if (returns.kind === "file") return fileOutput(returns, headersOf(route, edge), of);
  if (!returns.schema) throw new TrellisError("invalid-app", { says: `${of} has no schema` });
  const write = writer(returns.schema, of, mode);
  if (returns.kind === "events") return eventsOutput(write, of);
  if (returns.kind === "socket") {
    if (!returns.receives) throw new TrellisError("invalid-app", { says: `${of} says nothing of what it takes` });
    const read = compileMessage(returns.receives, `${service.contract.name}.${name}`, facts.bodyBytesMax);
    return socketOutput({ read, write }, of, facts);
  }
  return createdOutput(write, returns);
}

type Write = (value: unknown) => string | Promise<string>;

function writer(schema: Schema, of: string, mode: Mode): Write {
  const form = wireForm(schema, of);
  return mode === "production" ? form.write : form.writeChecked;
}

function valueOutput(write: Write, status: number, headersFor: (exchange: Exchange) => Headers): WriteOutput {
  return (value, exchange) => {
    const body = write(value);
    const headers = headersFor(exchange);
    return typeof body === "string" ? { status, headers, body } : body.then((body) => ({ status, headers, body }));
  };
}

function headersOf({ method }: Route, edge: EdgeHeaders | undefined): (exchange: Exchange) => Headers {
  if (method !== "GET") return () => ({ "content-type": json });
  if (!edge) return () => ({ "content-type": json, "cache-control": "private, no-cache" });
  return (exchange) => edge({ "content-type": json, "cache-control": "private, no-cache" }, exchange);
}

function createdOutput(write: Write, { status, at }: Reply): WriteOutput {
  const address = at as ((value: unknown) => string) | undefined;
  return (value) => {
    const headers: Headers = { "content-type": json };
    if (address) headers.location = headerSafe(address(value));
    const body = write(value);
    return typeof body === "string" ? { status, headers, body } : body.then((body) => ({ status, headers, body }));
  };
}

function redirectOutput(edge: EdgeHeaders | undefined, of: string): WriteOutput {
  return (value, exchange) => {
    const { to, status } = Object(value) as Partial<Redirect>;
    if (typeof to !== "string" || to === "")
      throw new AnswerMisfit(of, [{ field: "answer.to", problem: "must be the address to go to" }]);
    const headers = { location: headerSafe(to), "cache-control": "private, max-age=0" };
    return { status: status ?? 302, headers: edge ? edge(headers, exchange) : headers, body: "" };
  };
}

function cookieOutput({ status }: Reply, of: string): WriteOutput {
  return (value) => {
    const { cookie } = Object(value) as Partial<SetCookie>;
    if (typeof cookie !== "string" || !/^[\x20-\x7e]+$/.test(cookie))
      throw new AnswerMisfit(of, [{ field: "answer.cookie", problem: "must be visible ASCII" }]);
    return { status, headers: { "set-cookie": cookie, "cache-control": "no-store" }, body: "" };
  };
}

function fileOutput({ types, status }: Reply, headersFor: (exchange: Exchange) => Headers, of: string): WriteOutput {
  return (value, exchange) => {
    const { type, bytes } = Object(value) as Partial<FileContent>;
    if (type === undefined || !types?.includes(type))
      throw new AnswerMisfit(of, [{ field: "answer.type", problem: `must be ${types?.join(" or ")}` }]);
    if (!(bytes instanceof Uint8Array))
      throw new AnswerMisfit(of, [{ field: "answer.bytes", problem: "must be the bytes of the file" }]);
    return { status, headers: { ...headersFor(exchange), "content-type": type }, body: bytes };
  };
}

function eventsOutput(write: Write, of: string): WriteOutput {
  return (value, exchange) => {
    if (typeof Object(value)[Symbol.asyncIterator] !== "function")
      throw new AnswerMisfit(of, [{ field: "answer", problem: "must be an async iterable" }]);
    // The handler has returned, but its generator still calls other services in the name of this request.
    const enter = <T>(run: () => T): T => callerStorage.run(exchange, run);
    const body = new WireEvents(value as AsyncIterable<unknown>, write, exchange.signal, enter);
    return { status: 200, headers: { "content-type": "text/event-stream", "cache-control": "no-store" }, body };
  };
}

type EdgeHeaders = (headers: Headers, exchange: Exchange) => Headers;

/** What the edge may do (RFC 9213), told apart from what browsers may. */
function edgeHeaders(route: Route, of: string, event: string | undefined): EdgeHeaders | undefined {
  const { edge } = route.options as EdgeHints<string>;
  if (!edge) return undefined;
  if (!permissionOf(route).public)
    throw new TrellisError("invalid-app", {
      says: `${of} may be kept by the edge, but is not for anyone`,
      cure: "Leave out `edge`, which would hand one person's answer to others, or set `allow: anyone`.",
    });
  const seconds = (duration: string): number => Math.floor(milliseconds(duration, of) / 1_000);
  const stale = edge.staleFor === undefined ? "" : `, stale-while-revalidate=${seconds(edge.staleFor)}`;
  const control = `max-age=${seconds(edge.maxAge)}${stale}`;
  const tags = edge.tags as ((params: unknown) => readonly string[]) | undefined;
  const name = `${route.method} ${headerSafe(route.path)}`;
  return (headers, exchange) => {
    headers["cdn-cache-control"] = control;
    headers[edgeRouteHeader] = name;
    if (event !== undefined) headers[edgeEventHeader] = event;
    if (tags) headers["cache-tag"] = tags(exchange.params).map(safeTag).join(",");
    return headers;
  };
}

/** What becomes of each answer that the edge gives: an event of this stream, with these headers of its request. */
function edgeEventOf({ contract, edgeEvents }: Service, name: string, route: Route): string | undefined {
  const headers = edgeEventHeaders(route);
  const mapping = edgeEvents[name];
  if (!headers || !mapping) return undefined;
  return formatEdgeEventPlan({ stream: `${contract.name}.${mapping.stream}`, route: name, headers });
}

/** An address with everything encoded that could not stand in a header, line breaks above all. */
function headerSafe(address: string): string {
  if (/^[\x21-\x7e]*$/.test(address)) return address;
  return address.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
