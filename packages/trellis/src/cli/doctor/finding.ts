import { TrellisError } from "../../model/errors.ts";

/** What one check found. Only `wrong` keeps an app from running well; a `note` is worth knowing. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "note" | "wrong";
  readonly says: string;
  readonly cure?: string;
}

export const ok = (check: string, says: string): Finding => ({ check, state: "ok", says });
export const note = (check: string, says: string, cure: string): Finding => ({ check, state: "note", says, cure });
export const wrong = (check: string, says: string, cure: string): Finding => ({ check, state: "wrong", says, cure });

/** What `look` finds; an error of the platform that it meets is a finding too. */
export async function examine(check: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof TrellisError) return [wrong(check, error.message, error.cure)];
    throw error;
  }
}
