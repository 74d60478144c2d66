import { useState } from "react";
import { idsMax } from "trellis/operations";
import { Button, RelativeTime } from "trellis-ui";
import type { More } from "./more-of.ts";
import "./kept-aside-list.css";

export interface KeptAside {
  readonly id: string;
  /** The queue or stream it is of. */
  readonly of: string;
  /** Why it was given up. */
  readonly reason: string;
  /** What it was about, as JSON text. */
  readonly content: string;
  readonly at: string;
}

interface KeptAsideListProps {
  readonly title: string;
  readonly items: readonly KeptAside[];
  readonly more: More | undefined;
  readonly busy: boolean;
  readonly onRetry: (ids: readonly string[]) => void;
  readonly onDrop: (ids: readonly string[]) => void;
}

/** What was given up after its retries: looked at, tried again, or dropped, one by one or all together. */
export function KeptAsideList({ title, items, more, busy, onRetry, onDrop }: KeptAsideListProps) {
  const latest = items.slice(0, idsMax).map(({ id }) => id);
  const isAll = !more && latest.length === items.length;
  return (
    <div className="section-table kept">
      <div className="kept-head">
        <h3>{title}</h3>
        {latest.length > 1 ? (
          <Button isDisabled={busy} onPress={() => onRetry(latest)}>
            Try {isAll ? "all" : "the latest"} {latest.length} again
          </Button>
        ) : null}
      </div>
      <ul>
        {items.map((item) => (
          <li key={item.id} className="kept-item">
            <details>
              <summary>
                <span className="kept-of">{item.of}</span>
                <span className="kept-reason">{item.reason}</span>
              </summary>
              <pre>{pretty(item.content)}</pre>
            </details>
            <span className="quiet kept-at">
              <RelativeTime at={item.at} />
            </span>
            <span className="kept-buttons">
              <Button isDisabled={busy} onPress={() => onRetry([item.id])}>
                Try again
              </Button>
              <DropButton isDisabled={busy} onDrop={() => onDrop([item.id])} />
            </span>
          </li>
        ))}
      </ul>
      {more ? (
        <div className="kept-more">
          <Button kind="plain" isDisabled={more.isPending} onPress={more.onShow}>
            Show more
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** Dropping cannot be undone, so the button asks once, in its own place. */
function DropButton({ isDisabled, onDrop }: { readonly isDisabled: boolean; readonly onDrop: () => void }) {
  const [sure, setSure] = useState(false);
  if (!sure)
    return (
      <Button kind="plain" isDisabled={isDisabled} onPress={() => setSure(true)}>
        Drop
      </Button>
    );
  return (
    <Button kind="danger" autoFocus isDisabled={isDisabled} onPress={onDrop} onBlur={() => setSure(false)}>
      Drop for good
    </Button>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
