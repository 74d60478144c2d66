/**
 * What is used of `node:http` and its kin. To `import` them reads all that they export, the `WebSocket` of browsers too,
 * and that loads the whole of `fetch`: 35 ms of each process's start.
 */
export const { createServer, IncomingMessage, ServerResponse, STATUS_CODES } = process.getBuiltinModule("node:http");
export const { createServer: createSecureServer } = process.getBuiltinModule("node:https");
export const { performServerHandshake } = process.getBuiltinModule("node:http2");
