import { useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError, showToast } from "trellis-ui";
import type { Link } from "../../../src/contract.ts";
import { links } from "../api.ts";
import { bareAddress } from "../bare-address.ts";

/** Takes an archived link back. */
export function useRestore() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ code }: Pick<Link, "code" | "url">) => links.restore({ params: { code } }),
    onSuccess: (_link, { url }) => showToast({ text: `Restored ${bareAddress(url)}` }),
    onError: (error, { url }) => {
      const { title, cure } = describeError(error);
      showToast({ text: `${bareAddress(url)} is still archived: ${title}. ${cure}`, failed: true });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["links"] }),
  });
}
