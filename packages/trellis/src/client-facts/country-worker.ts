import { parentPort } from "node:worker_threads";
import { compileCountryData } from "./country-data.ts";

/** A thread of its own, so that requests are answered meanwhile. */
const bytes = compileCountryData();
parentPort?.postMessage(bytes, [bytes.buffer]);
