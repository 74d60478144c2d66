import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { CallFailed, TrellisError } from "trellis/contract";
import { sessionGate } from "./session/session-gate.ts";

/** What has been asked of the server, and when it is asked again. */
export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: (error, { meta }) => noticeSession(error, meta) }),
  mutationCache: new MutationCache({ onError: (error, _input, _kept, { meta }) => noticeSession(error, meta) }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // Only what may pass by itself is tried again: an answer that says no stays a no.
      retry: (failures, error) => failures < 2 && isUnavailable(error),
      retryDelay: (failures) => 400 * 2 ** failures,
    },
    mutations: { retry: false },
  },
});

/** Whoever is no longer known signs in again; nothing on the page is lost meanwhile. */
function noticeSession(error: unknown, meta: Readonly<Record<string, unknown>> | undefined): void {
  if (meta?.quiet !== true && error instanceof TrellisError && error.code === "unauthenticated") sessionGate.close();
}

function isUnavailable(error: unknown): boolean {
  return error instanceof CallFailed && error.failure.code === "unavailable";
}
