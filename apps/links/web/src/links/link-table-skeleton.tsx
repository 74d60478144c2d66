import { Skeleton } from "trellis-ui";
import "./link-table-skeleton.css";

const rows = [62, 48, 70, 54, 40, 66];

/** The table's own shape while its links are on the way. */
export function LinkTableSkeleton() {
  return (
    <div className="link-skeleton">
      <div className="link-skeleton-head" />
      {rows.map((width) => (
        <div key={width} className="link-skeleton-row">
          <Skeleton width={`${width + 20}%`} height="14px" />
          <Skeleton width={`${width}%`} height="14px" />
          <Skeleton width="150px" height="22px" />
          <Skeleton width="64px" height="14px" />
        </div>
      ))}
    </div>
  );
}
