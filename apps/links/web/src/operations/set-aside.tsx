import { useMutation, useQueryClient } from "@tanstack/react-query";
import { showToast } from "trellis-ui";
import { operations } from "../api.ts";
import { KeptAsideList } from "./kept-aside-list.tsx";
import type { More } from "./more-of.ts";
import { counted, sayFailure } from "./say.ts";

interface SetAsideProps {
  readonly events: readonly {
    readonly id: string;
    readonly stream: string;
    readonly group: string;
    readonly body: string;
    readonly reason: string;
    readonly at: string;
  }[];
  readonly more: More | undefined;
}

/** Events that a consumer gave up. */
export function SetAside({ events, more }: SetAsideProps) {
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ["operations"] });
  const retry = useMutation({
    mutationFn: (ids: readonly string[]) => operations.retrySetAside({ body: { ids: [...ids] } }),
    onSuccess: ({ count }) => showToast({ text: `${counted(count, "event")} given to the consumer again` }),
    onError: sayFailure,
    onSettled: again,
  });
  const drop = useMutation({
    mutationFn: (ids: readonly string[]) => operations.dropSetAside({ body: { ids: [...ids] } }),
    onSuccess: ({ count }) => showToast({ text: `${counted(count, "event")} dropped` }),
    onError: sayFailure,
    onSettled: again,
  });
  return (
    <KeptAsideList
      title="Set aside"
      items={events.map(({ id, stream, group, body, reason, at }) => ({
        id,
        of: `${stream} → ${group}`,
        content: body,
        reason,
        at,
      }))}
      more={more}
      busy={retry.isPending || drop.isPending}
      onRetry={retry.mutate}
      onDrop={drop.mutate}
    />
  );
}
