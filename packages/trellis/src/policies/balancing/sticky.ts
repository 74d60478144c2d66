import { hash32 } from "./hash32.ts";

/**
 * What a sticky cookie says of a member: eight hexadecimal digits that tell a client nothing about the installation. It is
 * no secret: whoever makes one up chooses a member, which chance may give to anybody.
 */
export function stickyValueOf(id: string): string {
  return hash32(id).toString(16).padStart(8, "0");
}
