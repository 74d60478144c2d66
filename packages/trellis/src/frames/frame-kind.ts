/**
 * What a frame is. A frame is nine bytes (length of the payload and stream, four each, most significant first; then the
 * kind) and its payload. Texts of heads are latin1, as HTTP has them, with NUL between names and values.
 */
export const frameKind = {
  /** The first frame of each side, on stream 0: what it speaks and takes. */
  hello: 1,
  /** On stream 0: no new streams, please. The payload says why, for people. */
  goaway: 2,
  /** Answered at once by `pong` with the same payload. */
  ping: 3,
  pong: 4,
  /** Headers, then method and target. Nothing follows. */
  request: 5,
  /** The same, and `data` and `end` follow. */
  requestWithBody: 6,
  /** A request to switch protocols: answered by `switched`, or as any other. */
  upgrade: 7,
  /** Two bytes of status, then headers: what comes before the answer. */
  interim: 8,
  /** Two bytes of status, then headers; `data` and `end` follow. */
  head: 9,
  /** Two bytes of status, four of the headers' length, headers, body: a whole answer. */
  whole: 10,
  /** The same, and the body is a text in UTF-8. */
  wholeText: 11,
  /** Headers of the 101. From now on `data` and `end` go both ways. */
  switched: 12,
  data: 13,
  /** Trailers, if any. */
  end: 14,
  /** The stream is over before its end. The payload says why, for people. */
  abort: 15,
  /** Four bytes: how many more bytes of `data` may be sent on this stream. */
  credit: 16,
  /** On stream 0, from the instance: what the gateway takes out of its edge cache, as JSON. */
  purge: 17,
  /** On stream 0, from the instance: it wants the gateway's figures. No payload. */
  look: 18,
  /** On stream 0, the answer to `look`: the gateway's name and its figures, as JSON. */
  figures: 19,
} as const;
