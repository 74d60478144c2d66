/**
 * The `data` of each event in a stream of server-sent events (html.spec.whatwg.org, section 9.2.6). Names, ids and retry
 * times are passed over: a contract's events are told apart by their schema.
 */
export async function* eventStream(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let data: string[] = [];
  try {
    while (true) {
      const { done, value } = await reader.read();
      text += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // The last line may still grow; so may a final \r, whose \n could come with the next bytes.
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (line !== "") data.push(...dataOf(line));
        else if (data.length > 0) {
          yield data.join("\n");
          data = [];
        }
      }
      // What was not ended by an empty line is incomplete.
      if (done) return undefined;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The value of a line `data: VALUE`, in a list; nothing of any other line. */
function dataOf(line: string): readonly string[] {
  if (line === "data") return [""];
  if (!line.startsWith("data:")) return [];
  return [line.slice(line[5] === " " ? 6 : 5)];
}
