import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { Link2, SearchX } from "lucide-react";
import { useEffect } from "react";
import { Button, EmptyState, ErrorState, LoadMore, StaleLine } from "trellis-ui";
import type { LinkSearch } from "../link-search.ts";
import { usePageTitle } from "../use-page-title.ts";
import { BehindLine } from "./behind-line.tsx";
import { focusShortenField } from "./focus-shorten-field.ts";
import { linkListQuery } from "./link-list.ts";
import { LinkTable } from "./link-table.tsx";
import { LinkTableSkeleton } from "./link-table-skeleton.tsx";
import "./links-page.css";
import { ListControls } from "./list-controls.tsx";
import { ShortenForm } from "./shorten-form.tsx";
import { useFreshCounts } from "./use-fresh-counts.ts";

const route = getRouteApi("/list");

/** Shorten first; below it, what has been shortened. */
export function LinksPage() {
  const { code } = useParams({ strict: false });
  usePageTitle(code ?? "Links");
  useShortcuts();
  return (
    <>
      <ShortenForm base={`${location.host}/`} />
      <LinkList />
      <Outlet />
    </>
  );
}

function LinkList() {
  const { q, state, sort } = route.useSearch();
  const search: LinkSearch = { ...(q ? { q } : {}), ...(state ? { state } : {}), ...(sort ? { sort } : {}) };
  const list = useInfiniteQuery(linkListQuery(search));
  const shown = list.data?.pages.flatMap(({ links }) => links) ?? [];
  const unseen = useFreshCounts(search, list.isSuccess && !list.isPlaceholderData);
  const navigate = useNavigate();
  return (
    <section className="link-list" aria-labelledby="links-title" aria-busy={list.isFetching && !list.isSuccess}>
      <ListControls
        search={search}
        count={list.data ? { shown: shown.length, more: list.hasNextPage } : undefined}
        onChange={(next) => void navigate({ to: ".", search: next as never, replace: true })}
      />
      <BehindLine />
      {list.isError && list.data ? (
        <StaleLine>
          The server does not answer: this is what was loaded before.{" "}
          <button type="button" className="text-button" onClick={() => void list.refetch()}>
            Try again
          </button>
        </StaleLine>
      ) : null}
      {unseen > 0 ? (
        <button type="button" className="unseen" onClick={() => void list.refetch()}>
          {unseen >= 50 ? "Many new links" : unseen === 1 ? "1 new link" : `${unseen} new links`}: show
        </button>
      ) : null}
      {list.isPending ? (
        <LinkTableSkeleton />
      ) : list.isError && !list.data ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : shown.length === 0 ? (
        <NoLinks search={search} onClear={() => void navigate({ to: ".", search: {} as never, replace: true })} />
      ) : (
        <>
          <LinkTable links={shown} />
          {list.hasNextPage ? (
            <LoadMore
              loaded={shown.length}
              loading={list.isFetchingNextPage}
              onLoadMore={() => void list.fetchNextPage()}
            />
          ) : null}
        </>
      )}
    </section>
  );
}

interface NoLinksProps {
  readonly search: LinkSearch;
  readonly onClear: () => void;
}

function NoLinks({ search: { q, state }, onClear }: NoLinksProps) {
  if (q !== undefined)
    return (
      <EmptyState
        icon={<SearchX size={20} />}
        title={`No link fits “${q}”`}
        action={<Button onPress={onClear}>Show all links</Button>}
      >
        The search looks at endings and at targets.{state === undefined ? " Archived links are left out." : ""}
      </EmptyState>
    );
  if (state === "archived")
    return (
      <EmptyState
        icon={<Link2 size={20} />}
        title="Nothing is archived"
        action={<Button onPress={onClear}>Show active links</Button>}
      >
        Links that you archive come here. They can be restored, with all their clicks.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<Link2 size={20} />}
      title="Your links will be here"
      action={
        <Button kind="outline" onPress={() => focusShortenField()}>
          Shorten the first one <kbd>N</kbd>
        </Button>
      }
    >
      Paste a long address above: the short one leads there from then on, and its clicks are counted.
    </EmptyState>
  );
}

/** N leads to the field, / to the search, wherever nothing is being typed. */
function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { key, target, metaKey, ctrlKey, altKey } = event;
      const typing =
        target instanceof Element && target.closest("input, textarea, [role=dialog], [role=menu]") !== null;
      if (typing || metaKey || ctrlKey || altKey || document.querySelector("[role=dialog]")) return;
      if (key === "n") focusShortenField();
      else if (key === "/") document.querySelector<HTMLInputElement>(".link-list input[type=search]")?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
