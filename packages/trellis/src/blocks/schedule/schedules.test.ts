import { MemoryTicks } from "./memory-ticks.contract.ts";
import { scheduleContract } from "./schedule.contract.ts";
import { TestGround } from "./test-ground.contract.ts";

const ground = new TestGround("schedules");

scheduleContract("ticks in memory", ground, () => new MemoryTicks());
