import type { Generated } from "trellis";
import type { Link } from "./contract.ts";

/** The tables of `migrations/`. */
export interface Tables {
  link: {
    id: bigint;
    code: string;
    workspace: string;
    target: string;
    state: Link["state"];
    version: number;
    created_at: Date;
  };
  link_version: { link_id: bigint; version: number; target: string; created_at: Date };
  code_key: { one_row: boolean; key: Uint8Array };
  id_lease: { one_row: boolean; next: bigint };
  link_hour: { link_id: bigint; hour: number } & Counts<number>;
  link_hour_share: { link_id: bigint; dimension: number; hour: number; value: string } & Counts<number>;
  link_hour_visitors: { link_id: bigint; hour: number; sketch: Uint8Array };
  link_total: { link_id: bigint; workspace: string } & Counts<Generated<bigint>>;
  link_latest: { link_id: bigint; clicks: string[] };
  click_count: { shard: number } & Counts<bigint>;
}

interface Counts<Count> {
  humans: Count;
  bots: Count;
  previews: Count;
  heads: Count;
}
