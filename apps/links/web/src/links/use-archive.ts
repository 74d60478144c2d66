import { useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError, showToast } from "trellis-ui";
import { links } from "../api.ts";
import { takeFromLists } from "./link-list.ts";

interface Archived {
  readonly code: string;
  /** As shown: `links.example/abc`. */
  readonly address: string;
}

/** Archives at once, with 8 seconds to take it back. */
export function useArchive() {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ["links"] });
  const restore = useMutation({
    mutationFn: ({ code }: Archived) => links.restore({ params: { code } }),
    onSettled: refresh,
    onError: (error, { address }) =>
      showToast({ text: `${address} is still archived: ${saysWhy(error)}`, failed: true }),
  });
  return useMutation({
    mutationFn: ({ code }: Archived) => links.archive({ params: { code } }),
    onMutate: ({ code }) => takeFromLists(queries, code),
    onSuccess: (_done, archived, putBack) => {
      const undo = () => {
        putBack();
        restore.mutate(archived);
      };
      showToast({ text: `Archived ${archived.address}`, undo });
      void queries.invalidateQueries({ queryKey: ["links", "one", archived.code] });
    },
    onError: (error, { address }, putBack) => {
      putBack?.();
      showToast({ text: `${address} was not archived: ${saysWhy(error)}`, failed: true });
    },
  });
}

function saysWhy(error: Error): string {
  const { title, cure } = describeError(error);
  return [title, cure].filter(Boolean).join(". ");
}
