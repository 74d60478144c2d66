import type { ReactNode } from "react";
import "./empty-state.css";

interface EmptyStateProps {
  readonly icon?: ReactNode;
  /** What will appear here. */
  readonly title: string;
  /** How to begin. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** A list that has nothing to show yet, or nothing that fits. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="empty-state">
      {icon ? (
        <span className="empty-state-icon" aria-hidden="true">
          {icon}
        </span>
      ) : null}
      <p className="empty-state-title">{title}</p>
      <div className="empty-state-text">{children}</div>
      {action}
    </div>
  );
}
