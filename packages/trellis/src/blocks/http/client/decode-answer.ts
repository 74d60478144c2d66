import { TrellisError } from "../../../model/errors.ts";
import type { Failure, Result } from "../../../model/failure.ts";
import { type FileContent, isReply, type Reply } from "../../../model/reply.ts";
import { fieldName, type Schema } from "../../../model/schema.ts";
import { isLive, isSocket, lasts, type WireAnswer } from "../port.ts";
import { type Asked, decodeProblem, parsedJson, unexpected } from "./decode-problem.ts";
import { HeldSocket } from "./held-socket.ts";
import { receivedEvents } from "./received-events.ts";
import type { Wait } from "./wait.ts";

/**
 * What an answer says: the value, a failure that the route declares, or `unavailable`. Throws the platform's own
 * refusals as the `TrellisError` they left as, and `unexpected-answer` for what the contract does not promise.
 * `wait` is that of the caller, which a stream of events or a socket goes on with.
 */
export async function decodeAnswer(
  asked: Asked,
  answer: WireAnswer,
  wait: Wait,
  nowMs: number,
): Promise<Result<unknown, Failure>> {
  if (answer.status === 101 || (answer.status >= 200 && answer.status < 300))
    return { ok: true, value: await decodeValue(asked, answer, wait) };
  if (answer.status >= 300 && answer.status < 400) return { ok: true, value: decodeRedirect(asked, answer) };
  return { ok: false, failure: await decodeProblem(asked, answer, nowMs) };
}

async function decodeValue(asked: Asked, answer: WireAnswer, wait: Wait): Promise<unknown> {
  const { status, body } = answer;
  const { returns } = asked.route.options;
  if (isReply(returns) && returns.kind === "nothing") return undefined;
  // Browsers show cookies to nobody.
  if (isReply(returns) && returns.kind === "cookie") return { cookie: answer.headers["set-cookie"] ?? "" };
  if (isReply(returns) && returns.kind === "file") return fileContent(asked, returns, answer);
  const schema = isReply(returns) ? returns.schema : returns;
  if (!schema) throw unexpected(asked, `answered ${status} instead of a redirect`);
  if (isReply(returns) && returns.kind === "events") {
    if (!isLive(body)) throw unexpected(asked, "answered once instead of with a stream of events");
    return receivedEvents(body, (text) => decodeJson(asked, schema, text), wait);
  }
  if (isReply(returns) && returns.kind === "socket") {
    if (!isSocket(body)) throw unexpected(asked, "answered once instead of with a WebSocket");
    return new HeldSocket(body, (text) => decodeJson(asked, schema, text), wait);
  }
  if (lasts(body)) throw unexpected(asked, "answered a stream of events instead of one value");
  return await decodeJson(asked, schema, typeof body === "string" ? body : new TextDecoder().decode(body));
}

function fileContent(asked: Asked, { types }: Reply, { headers, body }: WireAnswer): FileContent {
  const type = types?.find((one) => one === headers["content-type"]);
  if (type === undefined || !(body instanceof Uint8Array))
    throw unexpected(asked, `answered ${headers["content-type"] ?? "nothing"} instead of ${types?.join(" or ")}`);
  return { type, bytes: body };
}

async function decodeJson(asked: Asked, schema: Schema, text: string): Promise<unknown> {
  const json = parsedJson(text);
  if (!json) throw unexpected(asked, "answered something that is not JSON");
  const checked = schema["~standard"].validate(json.value);
  const result = checked instanceof Promise ? await checked : checked;
  if (!result.issues) return result.value;
  throw new TrellisError("unexpected-answer", {
    says: `${asked.service}.${asked.name} answered what its contract does not promise`,
    fields: result.issues.map(({ message, path }) => ({ field: fieldName(path, "answer"), problem: message })),
  });
}

function decodeRedirect(asked: Asked, { status, headers }: WireAnswer): unknown {
  const { returns } = asked.route.options;
  const to = headers.location;
  if (to !== undefined && isReply(returns) && returns.kind === "redirect") return { to, status };
  throw new TrellisError("unexpected-answer", {
    says: `${asked.service}.${asked.name} was sent on${to === undefined ? "" : ` to ${to}`} by something in between`,
    cure: "Give the client the address that the service itself has.",
  });
}
