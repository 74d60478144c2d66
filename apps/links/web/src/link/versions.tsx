import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useRef } from "react";
import { Button, describeError, RelativeTime, Skeleton, showToast } from "trellis-ui";
import type { CountedLink } from "../../../src/contract.ts";
import { links } from "../api.ts";
import { bareAddress } from "../bare-address.ts";
import { versionsQuery } from "./link-queries.ts";
import "./versions.css";

/** Every target that the link has had, each a click away from being the present one again. */
export function Versions({ link }: { readonly link: CountedLink }) {
  const { data, isPending } = useQuery(versionsQuery(link.code));
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone afterwards, and the focus must not go with it.
  const rollback = useRollback(link, () => heading.current?.focus());
  return (
    <section className="versions" aria-labelledby="versions-title">
      <h3 id="versions-title" ref={heading} tabIndex={-1}>
        Versions
      </h3>
      {isPending ? <Skeleton width="100%" height="44px" /> : null}
      <ol>
        {data?.versions.map(({ version, target, createdAt }) => (
          <li key={version} className="version">
            <span className="version-number">{version}</span>
            <span className="version-what">
              <span className="version-target" title={target}>
                {bareAddress(target)}
              </span>
              <span className="version-when">
                <RelativeTime at={createdAt} />
                {version === link.version ? " · leads there now" : null}
              </span>
            </span>
            {version !== link.version && link.state === "active" ? (
              <Button onPress={() => rollback.mutate({ version, undone: false })} isDisabled={rollback.isPending}>
                <Undo2 size={14} aria-hidden="true" />
                Roll back<span className="visually-hidden"> to version {version}</span>
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
      {data?.next ? <p className="quiet version-more">Older ones are kept too; the API lists them.</p> : null}
    </section>
  );
}

/** Makes an earlier target the present one at once; the toast takes that back. */
function useRollback(link: CountedLink, onDone: () => void) {
  const queries = useQueryClient();
  const rollback = useMutation({
    mutationFn: ({ version }: { readonly version: number; readonly undone: boolean }) =>
      links.rollback({ params: { code: link.code }, body: { version } }),
    onSuccess: (_now, { version, undone }) => {
      onDone();
      const undo = () => rollback.mutate({ version: link.version, undone: true });
      if (undone) showToast({ text: "It leads where it led before" });
      else showToast({ text: `Rolled back to version ${version}`, undo });
    },
    onError: (error) => {
      const { title, cure } = describeError(error);
      showToast({ text: `Not rolled back: ${title}. ${cure}`, failed: true });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["links"] }),
  });
  return rollback;
}
