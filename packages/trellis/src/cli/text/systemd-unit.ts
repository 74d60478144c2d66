export interface UnitFacts {
  readonly name: string;
  /** The app's. */
  readonly folder: string;
  readonly data: string;
  readonly user: string;
  readonly node: string;
  readonly entry: string;
  /** How long instances may take to answer what they have begun. */
  readonly stopMs: number;
}

/** Beyond the drains of gateway and instances: the database's end in good order, and then some. */
const closeMs = 40_000;

/** A unit file of systemd, see systemd.service(5). */
export function systemdUnit({ name, folder, data, user, node, entry, stopMs }: UnitFacts): string {
  const start = [node, entry, "start", "--json", "--data", data].map(quoted).join(" ");
  return `# Save as /etc/systemd/system/${name}.service, then: systemctl daemon-reload && systemctl enable --now ${name}
[Unit]
Description=${escaped(`The Trellis app in ${folder}`)}
Wants=network-online.target
After=network-online.target

[Service]
User=${user}
WorkingDirectory=${escaped(folder)}
EnvironmentFile=-/etc/default/${name}
ExecStart=${start}
# The supervisor alone: it ends the others in good order, and after its own crash they serve on until it is back.
KillMode=process
Restart=on-failure
RestartSec=1
TimeoutStopSec=${Math.ceil((2 * stopMs + closeMs) / 1_000)}
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`;
}

/** As one word of a command line, in which \`%\` and \`$\` have a meaning of their own. */
function quoted(word: string): string {
  const text = escaped(word).replaceAll("$", "$$$$");
  return /[\s"'\\;]/.test(text) ? `"${text.replaceAll(/["\\]/g, "\\$&")}"` : text;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%%");
}
