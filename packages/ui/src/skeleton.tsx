import "./skeleton.css";

interface SkeletonProps {
  /** Any CSS length. */
  readonly width: string;
  readonly height?: string;
}

/** Holds the place of something that is being loaded, in its shape. The list around it says "Loading" once. */
export function Skeleton({ width, height = "1em" }: SkeletonProps) {
  return <span className="skeleton" style={{ inlineSize: width, blockSize: height }} aria-hidden="true" />;
}
