import { readFileSync, statSync } from "node:fs";
import type { Clock, Timer } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { GatewayTls } from "../port.ts";
import type { CertificatePair } from "./local-authority.ts";

export interface CertificateFilesOptions {
  readonly files: GatewayTls["certificates"];
  readonly clock: Clock;
  /** Every file has been read again, since one of them has changed. Throws where they cannot be used. */
  readonly onChange: (certificates: readonly CertificatePair[]) => void;
  /** They cannot be read, or not be used: the ones before stay. */
  readonly onProblem: (error: unknown) => void;
}

/** How often files are looked at. Nothing that the system tells of changes holds for links that are swapped, as ACME clients do. */
const lookEveryMs = 5_000;

/** Certificates in files, followed when they change. */
export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  #seen: string;
  #timer: Timer;

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
    this.#seen = this.#states();
    this.#timer = this.#later();
  }

  /** Throws `broken-certificate` naming the file that cannot be read. */
  read(): readonly CertificatePair[] {
    return this.#options.files.map(({ cert, key }) => ({ cert: readText(cert), key: readText(key) }));
  }

  /** Looks at once rather than later. */
  look(): void {
    const states = this.#states();
    if (states === this.#seen) return;
    this.#seen = states;
    try {
      this.#options.onChange(this.read());
    } catch (error) {
      this.#options.onProblem(error);
    }
  }

  close(): void {
    this.#timer.cancel();
  }

  #later(): Timer {
    return this.#options.clock.after(lookEveryMs, () => {
      this.look();
      this.#timer = this.#later();
    });
  }

  #states(): string {
    return this.#options.files.flatMap(({ cert, key }) => [stateOf(cert), stateOf(key)]).join(" ");
  }
}

function stateOf(path: string): string {
  const state = statSync(path, { throwIfNoEntry: false });
  return state === undefined ? "none" : `${state.ino}.${state.size}.${state.mtimeMs}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new TrellisError("broken-certificate", {
      says: `${path} cannot be read: ${(cause as Error).message}`,
      cure: "Name a PEM file that this user may read.",
      cause,
    });
  }
}
