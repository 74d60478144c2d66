import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../model/clock.ts";
import { edgePartOf } from "../../../model/edge-event.ts";
import { findSegments, type Segment } from "../../../spool/segment.ts";
import { spoolFolders } from "../../../spool/spool-folder.ts";
import { doneSuffix } from "./finish-spool.ts";
import { silentMsMax } from "./limits.ts";
import { takeStock } from "./segment-reader.ts";
import type { SpoolCount, SpoolTable } from "./spool-table.ts";

export interface EdgePartsOptions {
  /** Where the folders of all processes are. */
  readonly parent: string;
  readonly table: SpoolTable;
  readonly clock: Clock;
}

/** What was seen of a part, and since when it has been as large. */
interface Seen {
  readonly bytes: number;
  readonly sinceMs: number;
}

/** What gateways of this machine have written down for streams, whether they live or not. */
export class EdgeParts {
  readonly #options: EdgePartsOptions;
  /** By their spools. */
  #seen: ReadonlyMap<string, Seen> = new Map();

  constructor(options: EdgePartsOptions) {
    this.#options = options;
  }

  /** The processes whose folders have something for one of these streams. */
  processesWith(streams: readonly string[]): readonly string[] {
    if (streams.length === 0) return [];
    return spoolFolders(this.#options.parent).filter((process) =>
      streams.some((stream) => {
        const path = this.#pathOf(process, stream);
        return existsSync(path) || existsSync(`${path}${doneSuffix}`);
      }),
    );
  }

  /** Counts what there is of a stream, and reports it: also what only the gateway that writes it could take over. */
  async report(stream: string): Promise<void> {
    const { table, clock } = this.#options;
    const now = clock.now();
    const asOf = await table.now();
    const seen = new Map([...this.#seen].filter(([spool]) => !spool.startsWith(`${stream}/`)));
    for (const process of this.processesWith([stream])) {
      const path = this.#pathOf(process, stream);
      const spool = `${stream}/${process}`;
      const segments = segmentsIn(path);
      const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
      const before = this.#seen.get(spool);
      const sinceMs = before?.bytes === bytes ? before.sinceMs : now;
      // Reported long ago: nobody waits to hear it again.
      if (now - sinceMs <= silentMsMax) {
        await takeStock(segments);
        const position = segments.at(-1)?.end ?? 0;
        // What is missing before a file has been lost, or brought into the stream: whoever takes it over knows.
        const count: SpoolCount = { spool, stream, instance: process, position, unlogged: 0, moved: 0, forwarded: 0 };
        if (position > 0) await table.reportOf(count, asOf, () => !existsSync(path));
      }
      seen.set(spool, { bytes, sinceMs });
    }
    this.#seen = seen;
  }

  #pathOf(process: string, stream: string): string {
    return join(this.#options.parent, process, edgePartOf(stream));
  }
}

/** None where they are being taken away: whoever does has reported what was in them. */
function segmentsIn(path: string): readonly Segment[] {
  try {
    return findSegments(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
