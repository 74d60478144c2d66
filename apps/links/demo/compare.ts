import type { Client } from "trellis/contract";
import type { linksContract, Reconciliation } from "../src/contract.ts";
import type { Screen } from "./progress.ts";
import type { Replayed } from "./replay.ts";
import { count } from "./replay.ts";

export interface CompareParts {
  readonly api: Pick<Client<typeof linksContract.routes>, "reconciliation">;
  readonly screen: Screen;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** So long the last clicks may take to be counted without anything moving. */
const patienceMs = 30_000;

const lookEveryMs = 250;

/**
 * Waits until nothing is in flight any more, then holds the app's own books against what was answered here. Gives
 * whether they agree to the unit.
 */
export async function compare(
  { api, screen, nowMs, sleep }: CompareParts,
  before: Reconciliation,
  { answered, unanswered }: Replayed,
): Promise<boolean> {
  let after = await api.reconciliation();
  for (let movedMs = nowMs(); after.inFlight > 0 && nowMs() - movedMs < patienceMs; ) {
    await sleep(lookEveryMs);
    const next = await api.reconciliation();
    if (next.counted !== after.counted) movedMs = nowMs();
    after = next;
  }
  const { series } = after;
  screen.write(
    `Counted: ${count(after.counted)} (${count(series.humans)} by people, ${count(series.bots)} by robots, ` +
      `${count(series.previews)} previews, ${count(series.heads)} by HEAD), ${count(after.inFlight)} in flight, ${count(after.unlogged)} unlogged\n`,
  );
  const told = after.answered - before.answered;
  const counted = after.counted - before.counted;
  const adds = series.humans + series.bots + series.previews + series.heads === after.counted;
  const balanced = after.answered === after.counted + after.inFlight + after.unlogged && adds;
  if (balanced && told >= answered && told <= answered + unanswered && counted === told) {
    const doubt =
      unanswered === 0 ? "" : ` (${count(unanswered)} got no answer, of which ${count(told - answered)} were counted)`;
    screen.write(`Reconciled to the unit: ${count(answered)} answered here, ${count(counted)} counted there${doubt}\n`);
    return true;
  }
  screen.write(
    `Not reconciled: ${count(answered)} answered here and ${count(unanswered)} without an answer; there ${count(told)} answered, ` +
      `${count(counted)} counted. Somebody else may have followed links meanwhile\n`,
  );
  return false;
}
