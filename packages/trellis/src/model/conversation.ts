// biome-ignore lint/suspicious/noConfusingVoidType: most handlers of messages are functions that return nothing
type Said<Sent> = Sent | undefined | void;

/** What the handler of a `socket` route answers: how the service takes part in it until one side ends it. */
export interface Conversation<Received = unknown, Sent = unknown> {
  /**
   * Told of each message, one after the other: the next waits, on its way, until this one is done. What it returns is
   * sent. What it throws ends the conversation.
   */
  readonly receive: (message: Received) => Said<Sent> | Promise<Said<Sent>>;
  /** Sent as fast as the other side takes it. The conversation ends when it does; without it, the other side ends it. */
  readonly send?: AsyncIterable<Sent>;
}

/** A `socket` route as its caller holds it. Loops over it once: each message that comes, until the service ends it. */
export interface OpenSocket<Sent = unknown, Received = unknown> extends AsyncIterableIterator<Received, undefined> {
  /** Resolves when the next may be sent. Throws why the socket has ended, where it has. */
  send(message: Sent): Promise<void>;
  /** Ends it. Messages that have come and were not asked for are dropped. */
  close(): void;
}

/** How a conversation ended, as WebSockets say it (RFC 6455, section 7.4). */
export interface ConversationEnd {
  /** 1000: it was over. 1001: the instance is ending. 4000 and a status of HTTP: a problem. */
  readonly code: number;
  /** Of a problem: its code, a colon, and what it says. At most 123 bytes. */
  readonly reason: string;
}
