import { useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { Button } from "trellis-ui";
import { usePageTitle } from "../use-page-title.ts";
import { Instances } from "./instances.tsx";
import "./operations-page.css";
import { Queues } from "./queues.tsx";
import { ReconciliationFigure } from "./reconciliation-figure.tsx";
import { Schedules } from "./schedules.tsx";
import { Streams } from "./streams.tsx";

/** Whether what happens after the answer happens: counted clicks first, then what counts them. */
export function OperationsPage() {
  usePageTitle("Operations");
  const queries = useQueryClient();
  return (
    <div className="operations">
      <div className="operations-head">
        <h1>Operations</h1>
        <Button kind="plain" onPress={() => void queries.invalidateQueries({ queryKey: ["operations"] })}>
          <RotateCw size={14} aria-hidden="true" />
          Look again
        </Button>
      </div>
      <ReconciliationFigure />
      <Streams />
      <Queues />
      <Schedules />
      <Instances />
    </div>
  );
}
