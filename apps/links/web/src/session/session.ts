import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client } from "trellis/contract";
import { sessionContract } from "trellis/operations";
import { sessionGate } from "./session-gate.ts";

const session = client(sessionContract, { url: "" });

/** Who is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => session.read({}, { signal }),
  staleTime: 60_000,
});

/** Whether a key with these scopes may do what needs `scope`. */
export function maySee(scopes: readonly string[] | undefined, scope: string): boolean {
  return scopes !== undefined && (scopes.includes("*") || scopes.includes(scope));
}

/** Signs in with a key; everything on the page is then asked for again. */
export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (key: string) => session.begin({ body: { key } }),
    meta: { quiet: true },
    onSuccess: async () => {
      sessionGate.reopen();
      await queries.invalidateQueries();
    },
  });
}

/** Ends the session here, and forgets all that was loaded in it: the page begins anew. */
export function useSignOut() {
  return useMutation({ mutationFn: () => session.end(), onSuccess: () => location.assign("/sign-in") });
}
