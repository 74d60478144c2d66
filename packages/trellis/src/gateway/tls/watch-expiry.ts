import type { Clock } from "../../model/clock.ts";
import type { Log } from "../../model/log.ts";
import type { CertificateFacts } from "../front/port.ts";

export interface ExpiryOptions {
  /** Those that clients are shown now. */
  readonly certificates: () => readonly CertificateFacts[];
  readonly clock: Clock;
  readonly log: Log;
}

const dayMs = 86_400_000;
/** Whoever renews by hand needs some days; ACME renews earlier than this. */
const warnBeforeMs = 14 * dayMs;

/** Says every day which certificates have expired or soon will, as the front does when it takes them. */
export function watchExpiry({ certificates, clock, log }: ExpiryOptions): void {
  clock.after(dayMs, () => {
    for (const { names, validUntilMs } of certificates()) {
      const leftMs = validUntilMs - clock.now();
      const facts = { names, validUntil: new Date(validUntilMs).toISOString() };
      if (leftMs <= 0) log.error("a certificate has expired: clients refuse it", facts);
      else if (leftMs < warnBeforeMs) log.warn(`a certificate expires in ${Math.floor(leftMs / dayMs)} days`, facts);
    }
    watchExpiry({ certificates, clock, log });
  });
}
