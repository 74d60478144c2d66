import { type HttpSide, startProgram } from "../src/harness/http-side.ts";
import { startOrders } from "./trellis.ts";

const program = (file: string) => (): Promise<HttpSide> => startProgram(new URL(file, import.meta.url));

/** The same two routes, each the way its framework's guide writes them. */
export const sides = {
  trellis: startOrders,
  fastify: program("fastify.ts"),
  hono: program("hono.ts"),
  nest: program("nest.ts"),
  express: program("express.ts"),
  moleculer: program("moleculer.ts"),
};

export const packages = [
  "fastify",
  "zod",
  "hono",
  "@hono/node-server",
  "@nestjs/core",
  "class-validator",
  "express",
  "moleculer",
  "moleculer-web",
];

export const notes = [
  "fastify: JSON Schemas in ajv, and a serialiser compiled from the response's; hono and express: zod; nest: Fastify adapter, ValidationPipe with class-validator; moleculer: moleculer-web in the broker's process, fastest-validator",
  "Before measuring, all sides find and place the same orders and refuse the same six wrong bodies",
];
