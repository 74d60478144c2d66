/**
 * What is used of `node:http`. An `import` of it reads everything that it exports, the `WebSocket` of browsers too, which
 * loads the whole of `fetch`: a third of a tenth of a second of every process's start.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http");
