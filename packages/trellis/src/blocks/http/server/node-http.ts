/**
 * What is used of `node:http`. To `import` it reads all that it exports, the `WebSocket` of browsers too, and that loads
 * the whole of `fetch`: 35 ms of each process's start.
 */
export const { createServer, ServerResponse, STATUS_CODES } = process.getBuiltinModule("node:http");
