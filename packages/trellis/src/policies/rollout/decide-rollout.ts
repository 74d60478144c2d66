import { judgeCanary } from "./judge-canary.ts";
import type {
  RolloutDecision,
  RolloutKind,
  RolloutObservation,
  RolloutPlan,
  RolloutState,
  RolloutWants,
} from "./rollout.ts";

/** Longer than this between two decisions, nobody was there to see what happened: the time does not count. */
const unseenMs = 10_000;

/** The first state of a rollout. `now` in milliseconds. */
export function beginRollout(plan: RolloutPlan, now: number): RolloutState {
  const phase = plan.canary && plan.replaces !== undefined ? "canary-start" : "rolling";
  return { plan, phase, since: now, decidedAt: now, batch: 0, staying: 0, served: false, endsBefore: 0 };
}

/**
 * The next step of a rollout: new instances are started, those that are ready take the place of old ones, which are drained
 * and stopped; with a canary, the first few get a share of the requests and are judged before the others follow. Says what
 * is to be so now, so that a driver that has crashed goes on from the state it has kept. A release that never becomes ready
 * never gets a request. To be asked whenever something has changed, and at least once a second.
 */
export function decideRollout(state: RolloutState, observed: RolloutObservation, now: number): RolloutDecision {
  const current = withoutUnseenTime(state, observed, now);
  switch (current.phase) {
    case "canary-start":
      return decideCanaryStart(current, observed, now);
    case "canary":
      return decideCanary(current, observed, now);
    case "rolling":
      return decideRolling(current, observed, now);
    case "soaking":
      return decideSoaking(current, observed, now);
    case "returning":
      return decideReturning(current, observed, now);
    default:
      return decided(current, current.phase, current.because ?? "It is over");
  }
}

function decideCanaryStart(state: RolloutState, observed: RolloutObservation, now: number): RolloutDecision {
  const { canary, instances } = state.plan;
  const batch = Math.min(instances, Math.max(1, Math.ceil(instances * (canary?.share ?? 0))));
  const starting = { ...state, batch };
  if (observed.order === "roll-back") return goBack(starting, observed, now, ordered);
  const problem = problemAtStart(starting, observed, now);
  if (problem) return giveUp(starting, observed, now, problem);
  if (observed.fresh.ready < batch) return decided(starting, "starting", waitingFor(observed, batch));
  const watched = begin({ ...starting, phase: "canary", served: true }, observed, now);
  return decided(watched, "advanced", `The canary gets ${percent(canary?.share ?? 0)} of the requests`);
}

function decideCanary(state: RolloutState, observed: RolloutObservation, now: number): RolloutDecision {
  const { canary } = state.plan;
  if (observed.order === "promote") return promote(state, observed, now, "ordered", "It was ordered");
  if (observed.order === "roll-back") return goBack(state, observed, now, ordered);
  if (observed.fresh.ended > state.endsBefore)
    return goBack(state, observed, now, { kind: "crashed", says: "An instance of the canary ended by itself" });
  if (!canary || !observed.evidence) return decided(state, "watching", "Nothing is known of the canary yet");
  const slowForMs = state.slowSince === undefined ? 0 : now - state.slowSince;
  const { verdict, kind, says, isSlow } = judgeCanary(observed.evidence, now - state.since, slowForMs, canary);
  if (verdict === "roll-back") return goBack(state, observed, now, { kind, says });
  if (verdict === "promote") return promote(state, observed, now, kind, says);
  const { slowSince, ...rest } = state;
  return decided(isSlow ? { ...rest, slowSince: slowSince ?? now } : rest, kind, says);
}

function promote(
  { slowSince: _, ...state }: RolloutState,
  observed: RolloutObservation,
  now: number,
  kind: RolloutKind,
  says: string,
): RolloutDecision {
  return decided(begin({ ...state, phase: "rolling" }, observed, now), kind, says);
}

function decideRolling(state: RolloutState, observed: RolloutObservation, now: number): RolloutDecision {
  const { plan, batch } = state;
  if (observed.order === "roll-back") return goBack(state, observed, now, ordered);
  const problem = problemAtStart(state, observed, now);
  if (problem) return giveUp(state, observed, now, problem);
  const { fresh, old } = observed;
  if (fresh.ready < batch) return decided(state, "starting", waitingFor(observed, batch));
  const staying = stayingBeside(batch, plan.instances, state);
  const swapped = { ...state, staying, served: state.served || batch > 0 };
  const oldLeft = old.starting + old.ready + old.draining;
  if (batch >= plan.instances) {
    if (oldLeft > 0)
      return decided(swapped, "advanced", `All new ones serve, ${oldLeft} old ones finish what they have`);
    const soaking = begin({ ...swapped, phase: "soaking" }, observed, now);
    return decided(
      soaking,
      "soaking",
      `Only new ones serve; for ${seconds(plan.soakMs)} a crash brings the old release back`,
    );
  }
  const room = roomFor(state, observed);
  if (room < 1) return decided(swapped, "advanced", `${fresh.ready} new ones serve, ${oldLeft} old ones are left`);
  const next = begin({ ...swapped, batch: Math.min(plan.instances, batch + room) }, observed, now);
  return decided(next, "starting", waitingFor(observed, next.batch));
}

function decideSoaking(state: RolloutState, observed: RolloutObservation, now: number): RolloutDecision {
  const { plan } = state;
  const crashed = observed.fresh.ended > state.endsBefore;
  if (observed.order === "roll-back") return goBack(state, observed, now, ordered);
  if (crashed && plan.replaces !== undefined)
    return goBack(state, observed, now, {
      kind: "crashed",
      says: "An instance ended by itself soon after it began to serve",
    });
  const leftMs = state.since + plan.soakMs - now;
  if (leftMs > 0) return decided(state, "soaking", `Watched for ${seconds(leftMs)} more`);
  const because = `Release ${plan.release} serves`;
  return decided({ ...state, phase: "done", because }, "done", because);
}

/** The old one comes in again, batch by batch as the new one did. */
function decideReturning(state: RolloutState, observed: RolloutObservation, now: number): RolloutDecision {
  const { fresh, old } = observed;
  const wanted = state.oldAtStart ?? 0;
  const because = state.because ?? "";
  if (old.ready < state.batch) return decided(state, "returning", because);
  const staying = stayingBeside(state.batch, wanted, state);
  const freshLeft = fresh.starting + fresh.ready + fresh.draining;
  if (state.batch < wanted) {
    const batch = Math.min(wanted, state.batch + Math.max(0, roomFor(state, observed)));
    return decided(begin({ ...state, staying, batch }, observed, now), "returning", because);
  }
  if (freshLeft > 0) return decided({ ...state, staying }, "returning", because);
  return decided({ ...state, staying, phase: "rolled-back" }, "rolled-back", because);
}

interface Problem {
  readonly kind: RolloutKind;
  readonly says: string;
}

const ordered: Problem = { kind: "ordered", says: "It was ordered" };

function problemAtStart(state: RolloutState, { fresh }: RolloutObservation, now: number): Problem | undefined {
  const { plan, batch } = state;
  const ends = fresh.ended - state.endsBefore;
  if (ends > plan.failedStartsMax)
    return {
      kind: "ended-at-start",
      says: `${ends === 1 ? "An instance ended by itself" : `${ends} instances ended by themselves`} before all were ready`,
    };
  if (fresh.ready < batch && now - state.since >= plan.readyMsMax)
    return {
      kind: "never-ready",
      says: `${batch - fresh.ready} of ${batch} instances were not ready after ${seconds(plan.readyMsMax)}`,
    };
  return undefined;
}

/** Nobody has seen the new release yet: it goes, and that is all. Else the old one comes back. */
function giveUp(state: RolloutState, observed: RolloutObservation, now: number, problem: Problem): RolloutDecision {
  if (state.served && state.plan.replaces !== undefined) return goBack(state, observed, now, problem);
  const abandoned: RolloutState = { ...state, phase: "abandoned", batch: 0, because: problem.says };
  return decided(abandoned, problem.kind, problem.says);
}

function goBack(
  { slowSince: _, ...state }: RolloutState,
  observed: RolloutObservation,
  now: number,
  { kind, says }: Problem,
): RolloutDecision {
  if (state.plan.replaces === undefined || !state.served)
    return decided({ ...state, phase: "abandoned", batch: 0, because: says }, kind, says);
  const returning: RolloutState = {
    ...state,
    phase: "returning",
    because: says,
    batch: state.staying,
    staying: state.batch,
  };
  const decision = decideReturning(begin(returning, observed, now), observed, now);
  return { ...decision, reason: { kind, says } };
}

/** How many of the release that goes are still needed; none goes before the first that comes in is ready. */
const stayingBeside = (ready: number, wanted: number, { staying }: RolloutState): number =>
  ready === 0 && wanted > 0 ? staying : Math.min(staying, Math.max(0, wanted - ready));

/** How many more instances may be started beside all that run. */
function roomFor({ plan, oldAtStart = 0 }: RolloutState, { fresh, old }: RolloutObservation): number {
  const most = Math.max(plan.instances, oldAtStart) + plan.surge;
  return most - [fresh, old].reduce((sum, each) => sum + each.starting + each.ready + each.draining, 0);
}

const begin = (state: RolloutState, { fresh }: RolloutObservation, now: number): RolloutState => ({
  ...state,
  since: now,
  endsBefore: fresh.ended,
});

/** Counts no time in which nobody looked, and no end that a driver which began anew does not know of. */
function withoutUnseenTime(state: RolloutState, { fresh, old }: RolloutObservation, now: number): RolloutState {
  const passedMs = now - state.decidedAt;
  const wasUnseen = passedMs < 0 || passedMs > unseenMs;
  const present = old.starting + old.ready;
  return {
    ...state,
    decidedAt: now,
    since: wasUnseen ? state.since + passedMs : state.since,
    ...(wasUnseen && state.slowSince !== undefined && { slowSince: now }),
    endsBefore: Math.min(state.endsBefore, fresh.ended),
    ...(state.oldAtStart === undefined && { oldAtStart: present, staying: present }),
  };
}

function decided(state: RolloutState, kind: RolloutKind, says: string): RolloutDecision {
  return { state, wants: wantsOf(state), reason: { kind, says: `${says}.` } };
}

function wantsOf({ phase, plan, batch, staying, oldAtStart = 0, served }: RolloutState): RolloutWants {
  switch (phase) {
    case "abandoned":
    case "rolled-back":
      return { fresh: 0, old: oldAtStart, freshServes: false };
    case "returning":
      return { fresh: staying, old: batch, freshServes: staying > 0 };
    case "canary":
      return { fresh: batch, old: staying, freshServes: true, freshShare: plan.canary?.share ?? 0 };
    case "soaking":
    case "done":
      return { fresh: batch, old: staying, freshServes: true };
    default:
      return { fresh: batch, old: staying, freshServes: served };
  }
}

const waitingFor = ({ fresh }: RolloutObservation, batch: number): string =>
  `${fresh.ready} of ${batch} new ones are ready`;
const percent = (share: number): string => `${Math.round(share * 1_000) / 10}%`;
const seconds = (ms: number): string => `${Math.ceil(ms / 1_000)} s`;
