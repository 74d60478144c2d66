import { History } from "lucide-react";
import type { ReactNode } from "react";
import "./stale-line.css";

/** A quiet line above what is behind: by how much, and why. Announced without interrupting. */
export function StaleLine({ children }: { readonly children: ReactNode }) {
  return (
    <p className="stale-line" role="status">
      <History size={14} aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}
