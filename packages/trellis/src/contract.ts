/** What contracts and their callers are written with. Browser-safe: imports no module of Node.js and no package. */
export { type ClientOptions, client } from "./blocks/http/client/client.ts";
export { type Actor, anyone, type Permission, type Scope, scope, signedIn } from "./model/actor.ts";
export type { Call, CallInput, CallOptions, Client } from "./model/call.ts";
export { type Contract, contract, type Routes } from "./model/contract.ts";
export type { Conversation, OpenSocket } from "./model/conversation.ts";
export type { Duration } from "./model/duration.ts";
export { type ErrorCode, errorCatalogue, type FieldProblem, TrellisError } from "./model/errors.ts";
export {
  CallFailed,
  type Failure,
  type FailureKind,
  failure,
  isFailure,
  type Result,
  type Unavailable,
} from "./model/failure.ts";
export { created, events, type FileContent, file, nothing, type Redirect, redirect, socket } from "./model/reply.ts";
export { del, type FailureOf, get, type Output, patch, post, put, type Route } from "./model/route.ts";
export type { Infer, Input, Schema } from "./model/schema.ts";
export type { Size } from "./model/size.ts";
