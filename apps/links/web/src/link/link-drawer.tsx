import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { QrCode } from "lucide-react";
import { CallFailed } from "trellis/contract";
import { Button, CopyButton, Drawer, EmptyState, ErrorState, Skeleton, StaleLine } from "trellis-ui";
import type { CountedLink } from "../../../src/contract.ts";
import { bareAddress } from "../bare-address.ts";
import type { DrawerSearch } from "../drawer-search.ts";
import { useRestore } from "../links/use-restore.ts";
import { ShortAddress } from "../short-address.tsx";
import { Clicks } from "./clicks.tsx";
import "./link-drawer.css";
import { linkQuery } from "./link-queries.ts";
import { QrDialog } from "./qr-dialog.tsx";
import { TargetEditor } from "./target-editor.tsx";
import { Versions } from "./versions.tsx";

const route = getRouteApi("/list/links/$code");

/** One link in full, at its own address. */
export function LinkDrawer() {
  const { code } = route.useParams();
  const { range = "24h", show, ...list } = route.useSearch();
  const navigate = useNavigate();
  const link = useQuery(linkQuery(code));
  const close = () => void navigate({ to: "/", search: list as never });
  const change = (next: DrawerSearch) =>
    void navigate({ to: ".", search: { ...list, ...next } as never, replace: true, resetScroll: false });
  const ranged: DrawerSearch = range === "24h" ? {} : { range };
  const { data } = link;
  return (
    <Drawer
      title={data ? <ShortAddress url={data.url} code={code} /> : code}
      onClose={close}
      actions={
        data ? (
          <>
            <CopyButton text={data.url} what={bareAddress(data.url)} />
            <Button kind="plain" icon aria-label="QR code" onPress={() => change({ ...ranged, show: "qr" })}>
              <QrCode size={16} aria-hidden="true" />
            </Button>
          </>
        ) : null
      }
    >
      {data ? (
        <div className="link-drawer">
          {data.state === "archived" ? <ArchivedLine link={data} /> : null}
          <TargetEditor
            link={data}
            editing={show === "edit"}
            onEditing={(editing) => change(editing ? { ...ranged, show: "edit" } : ranged)}
          />
          <Clicks code={code} range={range} onRange={(next) => change(next === "24h" ? {} : { range: next })} />
          <Versions link={data} />
          {show === "qr" ? <QrDialog link={data} onClose={() => change(ranged)} /> : null}
        </div>
      ) : link.isError ? (
        <Missing code={code} error={link.error} onRetry={() => void link.refetch()} onClose={close} />
      ) : (
        <DrawerSkeleton />
      )}
    </Drawer>
  );
}

function ArchivedLine({ link }: { readonly link: CountedLink }) {
  const restore = useRestore();
  return (
    <StaleLine>
      Archived: who follows it is told that it is gone.{" "}
      <button type="button" className="text-button" onClick={() => restore.mutate(link)}>
        Restore it
      </button>
    </StaleLine>
  );
}

interface MissingProps {
  readonly code: string;
  readonly error: Error;
  readonly onRetry: () => void;
  readonly onClose: () => void;
}

function Missing({ code, error, onRetry, onClose }: MissingProps) {
  if (!(error instanceof CallFailed && error.failure.code === "unknown-code"))
    return <ErrorState error={error} onRetry={onRetry} />;
  return (
    <EmptyState title={`No link has the code “${code}”`} action={<Button onPress={onClose}>See all links</Button>}>
      It may have been mistyped, or belong to another workspace.
    </EmptyState>
  );
}

function DrawerSkeleton() {
  return (
    <div className="link-drawer" aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading
      </span>
      <Skeleton width="80%" height="14px" />
      <Skeleton width="60%" height="44px" />
      <Skeleton width="100%" height="208px" />
      <Skeleton width="100%" height="160px" />
    </div>
  );
}
