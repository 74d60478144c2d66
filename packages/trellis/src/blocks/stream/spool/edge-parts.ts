import { existsSync } from "node:fs";
import { join } from "node:path";
import { edgePartOf } from "../../../model/edge-event.ts";
import { findSegments, type Segment } from "../../../spool/segment.ts";
import { spoolFolders } from "../../../spool/spool-folder.ts";
import { doneSuffix } from "./finish-spool.ts";
import { takeStock } from "./segment-reader.ts";
import type { SpoolCount, SpoolTable } from "./spool-table.ts";

/** What gateways of this machine have written down for streams that lies below `parent`: theirs, whether they live or not. */
export class EdgeParts {
  readonly #parent: string;
  readonly #table: SpoolTable;

  constructor(parent: string, table: SpoolTable) {
    this.#parent = parent;
    this.#table = table;
  }

  /** The processes whose folders have something for one of these streams. */
  processesWith(streams: readonly string[]): readonly string[] {
    if (streams.length === 0) return [];
    return spoolFolders(this.#parent).filter((process) =>
      streams.some((stream) => {
        const path = this.#pathOf(process, stream);
        return existsSync(path) || existsSync(`${path}${doneSuffix}`);
      }),
    );
  }

  /** Counts what there is of a stream, and reports it: also what only the gateway that writes it could take over. */
  async report(stream: string): Promise<void> {
    for (const process of this.processesWith([stream])) {
      const path = this.#pathOf(process, stream);
      const position = await readPosition(path);
      if (position === 0) continue;
      // What is missing before a file has been lost, or brought into the stream: whoever takes it over knows.
      const none = { unlogged: 0, moved: 0, forwarded: 0 };
      const count: SpoolCount = { spool: `${stream}/${process}`, stream, instance: process, position, ...none };
      await this.#table.reportOf(count, () => !existsSync(path));
    }
  }

  #pathOf(process: string, stream: string): string {
    return join(this.#parent, process, edgePartOf(stream));
  }
}

/** Behind the last whole record. 0 where they are being taken away: whoever does has reported what was in them. */
async function readPosition(path: string): Promise<number> {
  let segments: readonly Segment[];
  try {
    segments = findSegments(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
  await takeStock(segments);
  return segments.at(-1)?.end ?? 0;
}
