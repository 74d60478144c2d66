import { useEffect, useRef } from "react";
import "./load-more.css";

interface LoadMoreProps {
  /** How many there are so far. */
  readonly loaded: number;
  readonly loading: boolean;
  readonly onLoadMore: () => void;
}

/** How far below the screen its end may be before more is asked for. */
const ahead = "800px";

/** At the end of a list of which there is more: asks for it before the person gets there. */
export function LoadMore({ loaded, loading, onLoadMore }: LoadMoreProps) {
  const end = useRef<HTMLParagraphElement>(null);
  const ask = useRef(onLoadMore);
  ask.current = onLoadMore;
  // biome-ignore lint/correctness/useExhaustiveDependencies: more may have come between two renders, its end still in sight
  useEffect(() => {
    const { current } = end;
    if (loading || !current) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) ask.current();
      },
      { rootMargin: `0px 0px ${ahead}` },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [loading, loaded]);
  return (
    <p ref={end} className="load-more" role="status">
      {loading ? "Loading more" : null}
    </p>
  );
}
