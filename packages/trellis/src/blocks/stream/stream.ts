import { type Block, block, type Delivers } from "../../model/block.ts";
import type { Infer, Schema } from "../../model/schema.ts";
import type { Batch } from "../../model/service.ts";
import { spoolEngine, streamEngine } from "./port.ts";
import type { Stream } from "./stream-handle.ts";
import { limitsOf, type StreamOptions, streamSettings } from "./stream-options.ts";

export type { StreamAccount } from "./stream-account.ts";
export type { Stream } from "./stream-handle.ts";
export type { StreamOptions } from "./stream-options.ts";

/**
 * Declares a stream of events that fit `event`: `stream(Click, { key: (click) => click.code, keepFor: "7d" })`. Throws
 * `invalid-app` or `invalid-setting` where an option makes no sense.
 */
export function stream<S extends Schema>(
  event: S,
  options: StreamOptions<Infer<S>>,
): Block<"stream", Stream<Infer<S>>> & Delivers<Infer<S>> {
  const settings = streamSettings(options);
  const declared = block<"stream", Stream<Infer<S>>>({
    kind: "stream",
    needs: ["database", streamEngine, spoolEngine],
    limits: limitsOf(settings),
    open: async (opening) => {
      const { service, name, engine, mode, clock } = opening;
      // Who only reads declarations, as a supervisor does, need not load what compiles serialisers.
      const [{ EdgeRecords }, { eventForm }, { eventHandler }, { eventRecord }, { StreamHandle }] = await Promise.all([
        import("./edge-records.ts"),
        import("./event-form.ts"),
        import("./event-handler.ts"),
        import("./event-record.ts"),
        import("./stream-handle.ts"),
      ]);
      const form = eventForm(event as Schema<unknown, Infer<S>>);
      const { partitions, keepForMs, batchMax, retries } = settings;
      const log = await engine(streamEngine).open({ service, name, partitions, keepForMs });
      const spool = engine(spoolEngine).open({ service, name }, log);
      const { key, upcast } = options;
      return {
        handle: new StreamHandle({ ...opening, stream: log, spool, form, key }),
        serve: (handler) => {
          const run = handler as (batch: Batch<Infer<S>>) => Promise<unknown>;
          return log.consume({ service, batchMax, retries }, eventHandler(run, { ...opening, form, upcast }));
        },
        takeEdgeEvents: (make) => {
          const write = mode === "production" ? form.write : form.writeChecked;
          const records = new EdgeRecords({
            make,
            write: async (event, trace) => eventRecord(key(event as Infer<S>), await write(event as Infer<S>), trace),
            clock,
          });
          const taking = spool.takeEdgeRecords((given) => records.make(given));
          return { stop: async () => void (await Promise.all([taking.stop(), records.stop()])) };
        },
      };
    },
  });
  return declared as Block<"stream", Stream<Infer<S>>> & Delivers<Infer<S>>;
}
