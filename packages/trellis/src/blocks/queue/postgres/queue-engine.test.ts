import { vi } from "vitest";
import { testJobs } from "../contract/test-jobs.contract.ts";
import { queueContract } from "../queue.contract.ts";

// A real server: it has the machine's time, not a virtual clock's.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

queueContract(testJobs);
