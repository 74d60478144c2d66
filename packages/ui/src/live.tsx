import { formatDuration } from "./format.ts";
import "./live.css";
import { useNow } from "./now.ts";

export type LiveState = "connecting" | "live" | "lost";

interface LiveProps {
  readonly state: LiveState;
  /** When what is shown last changed, in milliseconds since 1970. */
  readonly movedAt?: number | undefined;
}

/** Says whether what is shown keeps itself up to date, and when it last moved. */
export function Live({ state, movedAt }: LiveProps) {
  return (
    <span className="live" data-state={state}>
      <span className="live-dot" aria-hidden="true" />
      {state === "live" ? "Live" : state === "connecting" ? "Connecting" : "Not live: connecting again"}
      {state === "live" && movedAt !== undefined ? <Moved at={movedAt} /> : null}
    </span>
  );
}

function Moved({ at }: { readonly at: number }) {
  const nowMs = useNow();
  const agoMs = Math.max(0, nowMs - at);
  return <span className="live-moved">{agoMs < 2_000 ? "moved just now" : `moved ${formatDuration(agoMs)} ago`}</span>;
}
