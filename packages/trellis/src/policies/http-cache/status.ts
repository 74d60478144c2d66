/** RFC 9110 §15.1: may be kept where nobody says for how long. */
const heuristic = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);

/** What RFC 9110 §15 describes: a cache that conforms to it knows what they ask of caches. */
const understood = new Set([
  200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407,
  408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
]);

export function isHeuristicallyCacheable(status: number): boolean {
  return heuristic.has(status);
}

/** For `must-understand` (RFC 9111 §5.2.2.3). */
export function isUnderstood(status: number): boolean {
  return understood.has(status);
}
