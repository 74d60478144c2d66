import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { askedPort } from "../packages/trellis/src/cli/folder/app-port.ts";
import { get } from "./helpers/http-load.ts";
import { notesApp } from "./helpers/notes-app.ts";
import { strangeOrigin } from "./helpers/strange-origin.ts";
import { runTrellis, startTrellis, TrellisProcess } from "./helpers/trellis-process.ts";

interface Made {
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
  readonly names: readonly string[];
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trellis-tls-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function makeCerts(folder: string, ...words: readonly string[]): Promise<Made> {
  const { code, stdout } = await runTrellis(["certs", "--json", ...words], { folder });
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** The certificate that a client who asks for this host is shown. */
function shown(port: number, servername: string): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function secureGet(
  port: number,
  servername: string,
  ca: string,
  path = "/",
): Promise<{ status: number; body: string; hsts: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { port, host: "127.0.0.1", path, servername, ca, agent: false, headers: { host: servername } },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        answer.once("end", () =>
          resolve({ status: answer.statusCode ?? 0, body, hsts: answer.headers["strict-transport-security"] }),
        );
      },
    );
    asking.once("error", reject);
    asking.end();
  });
}

test("with a certificate of trellis certs, who trusts the authority is served by HTTPS, and sent there from HTTP", async () => {
  const folder = await emptyFolder();
  const { authority, key, names } = await makeCerts(folder, "--host", "shop.test");
  expect(names).toEqual(["localhost", "*.localhost", "127.0.0.1", "::1", "shop.test"]);
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  const ca = await readFile(authority, "utf8");
  const origin = await strangeOrigin("one");
  const tlsPort = await askedPort(0);
  const gateway = new TrellisProcess(
    ["gateway", "--json", "--to", origin.url, "--port", "0", "--tls-port", String(tlsPort)],
    { folder },
  );
  const { port, url } = (await gateway.ready) as unknown as { port: number; url: string };
  expect(url).toBe(`https://localhost:${tlsPort}`);
  for (const host of ["localhost", "shop.test"])
    expect(await secureGet(tlsPort, host, ca)).toMatchObject({ status: 200, body: expect.stringContaining("one") });
  await expect(secureGet(tlsPort, "other.test", ca)).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  const plain = await get(`http://127.0.0.1:${port}/path?query`);
  expect(plain.status).toBe(308);
  expect(plain.headers.location).toBe(`https://127.0.0.1:${tlsPort}/path?query`);

  // The authority stays, so that nobody must trust another one; the certificate is a new one, shown without a restart.
  const before = await shown(tlsPort, "localhost");
  const again = await makeCerts(folder, "--host", "other.test");
  expect(await readFile(again.authority, "utf8")).toBe(ca);
  await expect
    .poll(async () => (await shown(tlsPort, "localhost")).serialNumber, { timeout: 12_000, interval: 200 })
    .not.toBe(before.serialNumber);
  expect(await secureGet(tlsPort, "other.test", ca)).toMatchObject({ status: 200 });
});

test("an app is served by HTTPS, each service at its name, with the certificate that trellis certs made beside it", async () => {
  const app = notesApp();
  const { authority, names } = await makeCerts(app.folder);
  expect(names).toContain("notes.localhost");
  const tlsPort = await askedPort(0);
  const trellis = startTrellis({ ...app, environment: { TRELLIS_TLS_PORT: String(tlsPort), TRELLIS_HSTS: "1d" } });
  const { port, url } = (await trellis.ready) as unknown as { port: number; url: string };
  expect(url).toBe(`https://localhost:${tlsPort}`);
  const ca = await readFile(authority, "utf8");
  expect(await secureGet(tlsPort, "notes.localhost", ca, "/v1/who")).toMatchObject({ status: 200 });
  expect((await secureGet(tlsPort, "notes.localhost", ca, "/v1/who")).hsts).toBe("max-age=86400");
  const plain = await get(`http://127.0.0.1:${port}/v1/who`);
  expect(plain).toMatchObject({ status: 308, headers: { location: `https://127.0.0.1:${tlsPort}/v1/who` } });
});

test("without a certificate there is no HTTPS, and the error says how to make one", async () => {
  const folder = await emptyFolder();
  const { code, events } = await runTrellis(
    ["gateway", "--json", "--to", "http://127.0.0.1:9", "--port", "0", "--tls-port", String(await askedPort(0))],
    { folder },
  );
  expect(code).toBe(78);
  expect(events).toEqual([
    expect.objectContaining({ code: "broken-certificate", cure: expect.stringContaining("trellis certs") }),
  ]);
});

test.each([
  { says: "no origin", words: [], code: "usage" },
  {
    says: "a way of balancing that there is not",
    words: ["--to", "http://127.0.0.1:9", "--balance", "fair"],
    code: "usage",
  },
  { says: "a rate that is none", words: ["--to", "http://127.0.0.1:9", "--rate", "many"], code: "usage" },
  { says: "a cache that is no size", words: ["--to", "http://127.0.0.1:9", "--cache", "big"], code: "invalid-setting" },
  { says: "an origin that is no address", words: ["--to", "localhost:9"], code: "invalid-routing" },
  {
    says: "a certificate without its key",
    words: ["--to", "http://127.0.0.1:9", "--tls-cert", "a.pem"],
    code: "invalid-setting",
  },
  {
    says: "a name for ACME with a star",
    words: ["--to", "http://127.0.0.1:9", "--acme", "*.shop.example"],
    code: "invalid-setting",
  },
])("$says is refused", async ({ words, code }) => {
  const outcome = await runTrellis(["gateway", "--json", "--port", "0", ...words], { folder: await emptyFolder() });
  expect(outcome.events).toEqual([expect.objectContaining({ event: "error", code })]);
});
