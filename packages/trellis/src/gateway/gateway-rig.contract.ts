import { systemClock, systemRandom, systemStopwatch } from "../runtime/system-clock.ts";
import { silentLog } from "../testing/silent-log.ts";
import { type Gateway, type GatewayOptions, openGateway } from "./open-gateway.ts";

interface RigOptions extends Partial<Omit<GatewayOptions, "settings">> {
  readonly settings?: Partial<GatewayOptions["settings"]>;
}

/** A gateway in this process, with limits that no small test reaches. */
export function openGatewayRig({ settings, ...more }: RigOptions = {}): Gateway {
  return openGateway({
    name: "gateway-1",
    clock: systemClock,
    stopwatch: systemStopwatch,
    random: systemRandom,
    log: silentLog,
    onReport: () => undefined,
    sharesLimits: false,
    ...more,
    settings: {
      bodyBytesMax: 1_000_000,
      headersBytesMax: 16_384,
      requestTimeoutMs: 30_000,
      connectionsMax: 100,
      trustedProxies: "none",
      edgeBytesMax: 1_000_000,
      spoolBytesMax: 1e9,
      drainTimeoutMs: 20_000,
      ...settings,
    },
  });
}
