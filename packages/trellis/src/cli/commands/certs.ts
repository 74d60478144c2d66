import { certificateDays } from "../../gateway/tls/local-authority.ts";
import { TrellisError } from "../../model/errors.ts";
import { addressGroups } from "../../model/network.ts";
import { appHere } from "../app-here.ts";
import { command, dataOption } from "../command.ts";
import { CertificateFolder } from "../gateway/certificate-folder.ts";
import { trustText } from "../gateway/trust-text.ts";
import type { World } from "../world.ts";

/** Browsers take no star right before `localhost`: the names of an app's services are written out. */
const ownNames = ["localhost", "*.localhost", "127.0.0.1", "::1"] as const;

export const certs = command({
  name: "certs",
  about: [
    "Makes a certificate for HTTPS on this machine, for localhost, the services of the app here (NAME.localhost) and the",
    "hosts that you name, signed by an authority of its own, and says how to trust that. Both are kept in the data",
    "folder; the authority stays the same. A gateway with --tls-port shows the certificate.",
  ].join("\n"),
  options: {
    host: { value: "NAME", many: true, says: "another name or address that the certificate is for; may be repeated" },
    data: dataOption,
  },
  run: async ({ options }, world) => {
    const hosts = options.host.map((host) => host.toLowerCase());
    const wrong = hosts.find((host) => !isName(host));
    if (wrong !== undefined)
      throw new TrellisError("usage", {
        says: `--host is "${wrong}", which is no host`,
        cure: "Give a name such as shop.test.",
      });
    const folder = CertificateFolder.open(options.data, world);
    const names = [...new Set([...ownNames, ...(await serviceHosts(world)), ...hosts])] as [string, ...string[]];
    const { madeAuthority } = await folder.makeLocal(names, world.clock.now());
    const { authority, local } = folder;
    world.output.answer(
      { authority, madeAuthority, ...local, names },
      [
        `A certificate for ${names.join(", ")}, for ${certificateDays} days:`,
        `  ${local.cert}`,
        `  ${local.key}`,
        "",
        madeAuthority
          ? "A new authority has signed it. To trust it:"
          : "The authority of before has signed it. To trust it:",
        trustText(authority, process.platform),
      ].join("\n"),
    );
    return 0;
  },
});

async function serviceHosts(world: World): Promise<readonly string[]> {
  try {
    const { plan } = await appHere(world);
    return plan.services.map(({ contract }) => `${contract.name}.localhost`);
  } catch (error) {
    if (error instanceof TrellisError && error.code === "no-config") return [];
    throw error;
  }
}

function isName(host: string): boolean {
  if (addressGroups(host)) return true;
  return (
    host.length <= 253 &&
    /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(host)
  );
}
