import type {
  GatewayStatus,
  GroupStatus,
  InstanceStatus,
  ServiceStatus,
  Status,
} from "../../supervisor/control-words.ts";
import { length } from "./length.ts";
import { table } from "./table.ts";

/** What runs, as aligned tables. */
export function statusText({ url, release, instances, gateways, services, groups }: Status): string {
  const processes = [
    ["INSTANCE", "RELEASE", "STATE", "UP", "REQ/S", "IN FLIGHT", "P50", "P99", "CPU", "MEMORY", "RESTARTS", "PID"],
    ...instances.map(instanceRow),
  ];
  const doors = [["GATEWAY", "CONNECTIONS", "REQ/S", "CPU", "MEMORY", "PID"], ...gateways.map(gatewayRow)];
  const all = [["SERVICE", "REQ/S", "IN FLIGHT", "HELD", "FAILED", "HITS", ""], ...services.map(serviceRow)];
  const scaled = groups.filter(({ because }) => because !== undefined);
  const decided = scaled.length === 0 ? [] : ["", groupsText(scaled)];
  return [
    `${url}, release ${release ?? "none"}`,
    "",
    table(processes),
    "",
    table(doors),
    "",
    table(all),
    ...decided,
  ].join("\n");
}

/** Groups, with between how many instances they have, and why they have as many. */
export function groupsText(groups: readonly GroupStatus[]): string {
  return table([
    ["GROUP", "INSTANCES", "RANGE", "WHY"],
    ...groups.map(({ group, instances, min, max, because = "" }) => [
      group,
      instances,
      min === max ? String(min) : `${min}..${max}`,
      because,
    ]),
  ]);
}

function instanceRow(one: InstanceStatus): readonly (string | number)[] {
  return [
    one.name,
    one.release,
    one.state,
    one.upMs === undefined ? "" : length(one.upMs),
    rate(one.requestsPerSecond),
    one.inFlight ?? "",
    latency(one.p50Ms),
    latency(one.p99Ms),
    share(one.cpu),
    memory(one.memoryBytes),
    one.restarts,
    one.pid ?? "",
  ];
}

function gatewayRow(one: GatewayStatus): readonly (string | number)[] {
  const { name, connections, requestsPerSecond, cpu, memoryBytes, pid = "" } = one;
  return [name, connections, rate(requestsPerSecond), share(cpu), memory(memoryBytes), pid];
}

function serviceRow(one: ServiceStatus): readonly (string | number)[] {
  const hits = one.hitRatio === undefined ? "" : share(one.hitRatio);
  return [
    one.service,
    rate(one.requestsPerSecond),
    one.inFlight,
    one.held,
    one.failures,
    hits,
    one.paused ? "paused" : "",
  ];
}

const rate = (perSecond: number | undefined): string | number => (perSecond === undefined ? "" : Math.round(perSecond));
const share = (part: number | undefined): string => (part === undefined ? "" : `${Math.round(part * 100)}%`);
const latency = (ms: number | undefined): string =>
  ms === undefined ? "" : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}ms`;
const memory = (bytes: number | undefined): string => (bytes === undefined ? "" : `${Math.round(bytes / 1_048_576)}MB`);
