/** Helpers for an app's own tests: time, chance, the bus and transactions, all in the test's hand. */
export type { EdgeAnswer } from "./edge-answer.ts";
export { silentLog } from "./silent-log.ts";
export { startTestApp, type TestApp, type TestAppOptions, type TestClientOptions } from "./test-app.ts";
export { type TestBus, testBus, testBuses } from "./test-bus.ts";
export { settled, type TestClock, testClock } from "./test-clock.ts";
export { type TestOpeningOptions, testOpening } from "./test-opening.ts";
export { testRandom } from "./test-random.ts";
export { type TestTransaction, testTransaction } from "./test-transaction.ts";
export { type TestWakes, testWakes } from "./test-wakes.ts";
