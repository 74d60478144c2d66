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
}
