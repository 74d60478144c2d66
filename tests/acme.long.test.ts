import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { askedPort } from "../packages/trellis/src/cli/folder/app-port.ts";
import { makeAuthority, makeCertificate } from "../packages/trellis/src/gateway/tls/local-authority.ts";
import { strangeOrigin } from "./helpers/strange-origin.ts";
import { TrellisProcess } from "./helpers/trellis-process.ts";

const canOrder = hasPebble();
if (!canOrder) console.warn("Without Pebble nothing is ordered by ACME: apt-get install pebble.");

function hasPebble(): boolean {
  try {
    execFileSync("which", ["pebble", "pebble-challtestsrv"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the program has said that. Ended with the test. */
function program(
  command: string,
  words: readonly string[],
  says: RegExp,
  env: NodeJS.ProcessEnv = {},
): Promise<ChildProcess> {
  const child = spawn(command, words, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill());
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    child.once("close", () => reject(new Error(`${command} ended: ${lines.join("\n")}`)));
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on("line", (line) => {
        lines.push(line);
        if (says.test(line)) resolve(child);
      });
  });
}

interface Authority {
  readonly directory: string;
  /** Of whom its own address is to be believed. */
  readonly trusted: string;
}

/** Pebble, the small authority of those who make Let's Encrypt, which finds every name on this machine. */
async function openAuthority(folder: string, httpPort: number): Promise<Authority> {
  const now = Date.now();
  const authority = await makeAuthority("of the test", now);
  const own = await makeCertificate(authority, ["localhost"], now);
  const [trusted, certificate, privateKey, file] = ["trusted.pem", "own.pem", "own.key", "pebble.json"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  const [port, managementPort, dnsPort, dnsControl] = await Promise.all([0, 0, 0, 0].map(askedPort));
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate,
    privateKey,
    httpPort,
    tlsPort: 5_001,
  };
  await Promise.all([
    writeFile(trusted, authority.cert),
    writeFile(certificate, own.cert),
    writeFile(privateKey, own.key),
    writeFile(file, JSON.stringify({ pebble })),
  ]);
  const none = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
  await program(
    "pebble-challtestsrv",
    [...none, "-defaultIPv4", "127.0.0.1", "-dns01", `127.0.0.1:${dnsPort}`, "-management", `127.0.0.1:${dnsControl}`],
    /management server/i,
  );
  await program("pebble", ["-config", file, "-dnsserver", `127.0.0.1:${dnsPort}`], /Listening on: /, {
    PEBBLE_VA_NOSLEEP: "1",
  });
  return { directory: `https://localhost:${port}/dir`, trusted };
}

/** By whom the certificate is signed that this host shows, and for which names it is. */
function shown(port: number, servername: string): Promise<{ readonly issuer: string; readonly names: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", servername, rejectUnauthorized: false }, () => {
      const { issuer, subjectaltname = "" } = socket.getPeerCertificate();
      resolve({ issuer: String(issuer.CN), names: subjectaltname });
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test.skipIf(!canOrder)(
  "a certificate is ordered by ACME, proven through the gateway, shown without a restart, and kept",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "trellis-acme-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [port = 0, tlsPort = 0] = await Promise.all([0, 0].map(askedPort));
    const { directory, trusted } = await openAuthority(folder, port);
    const origin = await strangeOrigin("one");
    const start = () =>
      new TrellisProcess(
        [
          "gateway",
          "--json",
          "--to",
          origin.url,
          "--port",
          String(port),
          "--tls-port",
          String(tlsPort),
          "--acme",
          "shop.example,www.shop.example",
          "--processes",
          "2",
        ],
        { folder, environment: { TRELLIS_ACME_DIRECTORY: directory, NODE_EXTRA_CA_CERTS: trusted } },
      );
    const gateway = start();
    await gateway.ready;
    await expect
      .poll(async () => (await shown(tlsPort, "shop.example")).issuer, { timeout: 40_000, interval: 300 })
      .toMatch(/^Pebble/);
    expect((await shown(tlsPort, "www.shop.example")).names).toBe("DNS:shop.example, DNS:www.shop.example");
    await gateway.stop();

    const again = start();
    await again.ready;
    expect((await shown(tlsPort, "shop.example")).issuer).toMatch(/^Pebble/);
  },
);
