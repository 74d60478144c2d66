import type { GatewayFigures } from "../../gateway/port.ts";
import type { Group } from "../../model/group.ts";
import type { Fleet } from "../fleet.ts";
import type { Place } from "../place.ts";
import type { Pause, ReleaseRecord, Scale } from "../state.ts";
import type { ScaledApp, ScaledGroup, ScaledInstance } from "./scaled-app.ts";

/** What of a supervisor scaling sees and changes. */
export interface ScaledSupervisor extends Pick<ScaledApp, "underWay" | "resize"> {
  readonly fleet: Pick<Fleet, "staying">;
  readonly current: ReleaseRecord | undefined;
  readonly paused: readonly Pause[];
  readonly gateways: readonly { readonly figures: GatewayFigures | undefined }[];
  rangeOf(group: Group): Scale;
}

/** The app of a supervisor, as scaling sees it. */
export function scaledFleet(supervisor: ScaledSupervisor): ScaledApp {
  return {
    scaledGroups: () => {
      const { current, fleet } = supervisor;
      if (!current) return [];
      const staying = fleet.staying(current.number);
      return current.shape.groups.flatMap((group): readonly ScaledGroup[] => {
        const range = supervisor.rangeOf(group);
        if (range.min === range.max) return [];
        const { name, services, answers, works } = group;
        const instances = staying.filter((place) => place.name.pool === name).map(scaledInstance);
        return [{ name, services, answers, works, range, instances }];
      });
    },
    get underWay() {
      return supervisor.underWay;
    },
    get pausedServices() {
      return supervisor.paused.map(({ service }) => service);
    },
    get figures() {
      return supervisor.gateways.flatMap(({ figures }) => figures ?? []);
    },
    resize: (group, instances, failed) => supervisor.resize(group, instances, failed),
  };
}

function scaledInstance({ state, record }: Place): ScaledInstance {
  const isReady = state === "ready";
  return { id: record?.id, pid: record?.pid, privateUrl: isReady ? record?.facts?.privateUrl : undefined };
}
