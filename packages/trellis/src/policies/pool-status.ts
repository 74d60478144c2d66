/**
 * What is known of a member of a pool:
 * - `usable`: nothing speaks against it.
 * - `suspect`: its checks or its answers say that it is ill. Asked only in a panic: they may be wrong about so many.
 * - `closed`: it starts, drains or is gone. Never asked, also not in a panic.
 */
export type MemberStatus = "usable" | "suspect" | "closed";

/** So many suspects are needed for a panic: of two members, the one that is well is better than both. */
const panicSuspectsMin = 2;

/**
 * Whether so many of a pool are suspects that it is balanced over all of them as if none was: half of those that are not
 * closed, and at least two. Then the checks are more likely wrong than the members, and if they are right, the few that
 * are left would be crushed by the load of all (Envoy's "panic threshold", with its default of one half).
 */
export function isPanic(usable: number, suspects: number): boolean {
  return suspects >= panicSuspectsMin && suspects >= usable;
}
