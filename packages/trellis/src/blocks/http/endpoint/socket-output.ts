import type { Mode } from "../../../model/block.ts";
import type { Conversation } from "../../../model/conversation.ts";
import type { Departures } from "../../../model/departures.ts";
import { endOfError } from "../conversation-end.ts";
import type { WireAnswer } from "../port.ts";
import { AnswerMisfit } from "./answer-misfit.ts";
import { callerStorage } from "./caller-storage.ts";
import type { Exchange } from "./exchange.ts";
import { thrownByHandler, toldError } from "./problem.ts";
import { WireConversation } from "./wire-conversation.ts";
import type { ReadMessage } from "./wire-message.ts";

interface Messages {
  readonly read: ReadMessage;
  readonly write: (message: unknown) => string | Promise<string>;
}

/** Makes the answer that begins a handler's conversation. */
export function socketOutput(
  { read, write }: Messages,
  of: string,
  { mode, departures }: { readonly mode: Mode; readonly departures?: Departures | undefined },
): (value: unknown, exchange: Exchange) => WireAnswer {
  const leave = (send: () => void): void => (departures ? departures.leave(send) : send());
  return (value, exchange) => {
    const endOf = (error: unknown, sent: boolean) => {
      const told = toldError(sent ? error : thrownByHandler(error), mode);
      if (told.status >= 500) exchange.log.error("A conversation broke off", { code: told.code, cause: error });
      return endOfError(told);
    };
    // The handler has returned, but its conversation still calls other services in the name of this request.
    const enter = <T>(run: () => T): T => callerStorage.run(exchange, run);
    const conversation = conversationOf(value, of);
    const body = new WireConversation({ conversation, read, write, signal: exchange.signal, enter, leave, endOf });
    return { status: 101, headers: {}, body };
  };
}

function conversationOf(value: unknown, of: string): Conversation {
  const { receive, send } = Object(value) as Partial<Conversation>;
  if (typeof receive !== "function")
    throw new AnswerMisfit(of, [{ field: "answer.receive", problem: "must be a function: what to do with a message" }]);
  if (send !== undefined && typeof Object(send)[Symbol.asyncIterator] !== "function")
    throw new AnswerMisfit(of, [{ field: "answer.send", problem: "must be an async iterable" }]);
  return value as Conversation;
}
