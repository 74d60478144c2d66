import type { Contract } from "../model/contract.ts";
import { operationsContract } from "../operations/contract.ts";
import { sessionContract } from "../operations/session-contract.ts";

/** What every app answers besides its own services. */
export const platformContracts: readonly Contract[] = [operationsContract, sessionContract];
