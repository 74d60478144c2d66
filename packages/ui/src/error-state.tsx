import { RotateCw, TriangleAlert } from "lucide-react";
import { Button } from "./button.tsx";
import { describeError } from "./describe-error.ts";
import { EmptyState } from "./empty-state.tsx";

interface ErrorStateProps {
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** Stands where a list would: what happened, what to do, and a retry. Announced at once. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const { title, cure } = describeError(error);
  return (
    <div role="alert" className="error-state">
      <EmptyState
        icon={<TriangleAlert size={20} />}
        title={title}
        action={
          <Button onPress={onRetry}>
            <RotateCw size={14} aria-hidden="true" />
            Try again
          </Button>
        }
      >
        {cure}
      </EmptyState>
    </div>
  );
}
