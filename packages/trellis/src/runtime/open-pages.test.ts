import { cp, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rawExchange } from "../blocks/http/endpoint/raw-exchange.contract.ts";
import { pagesBytesMax, pagesFilesMax } from "../blocks/http/pages/limits.ts";
import { anyone } from "../model/actor.ts";
import { app } from "../model/app.ts";
import { contract } from "../model/contract.ts";
import { plan } from "../model/plan.ts";
import { file, nothing } from "../model/reply.ts";
import { get, type Route } from "../model/route.ts";
import { service } from "../model/service.ts";
import { startTestApp, type TestApp } from "../testing/test-app.ts";
import { openPages } from "./open-pages.ts";

const script = `export const words = ${JSON.stringify("all work and no play ".repeat(200))};`;
let folder: string;
let running: TestApp;
let url: string;

const site = (name: string, routes: Record<string, Route>, at: readonly string[], from = folder) =>
  service(contract(name, routes), {
    uses: {},
    routes: Object.fromEntries(Object.keys(routes).map((route) => [route, () => undefined])) as never,
    pages: { folder: from, at },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trellis-pages-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Shop</title><p>Welcome");
  await writeFile(join(folder, "assets", "index-BkV3x9Qa.js"), script);
  await writeFile(join(folder, "assets", "index-BkV3x9Qa.js.br"), brotliCompressSync(script));
  await writeFile(join(folder, "assets", "plain.css"), "p { color: red }");
  await writeFile(join(folder, "words.js"), script);
  await writeFile(join(folder, "logo.png"), Buffer.from([0x89, 0x50, 0x4e, 0x47]));
  await writeFile(join(folder, ".env"), "SECRET=1");
  await mkdir(join(folder, ".git"));
  await writeFile(join(folder, ".git", "config"), "secret");
  await writeFile(join(`${folder}-outside.txt`), "not yours");
  await symlink(`${folder}-outside.txt`, join(folder, "outside.txt"));
  const shop = service(
    contract("shop", {
      thing: get("/things/best", { returns: nothing(), allow: anyone }),
      any: get("/:code", { returns: file("text/plain"), allow: anyone }),
    }),
    {
      uses: {},
      routes: {
        thing: () => undefined,
        any: ({ params }) => ({ type: "text/plain" as const, bytes: Buffer.from(params.code) }),
      },
      pages: { folder: pathToFileURL(`${folder}/`).href, at: ["/", "/things/*", "/cart"] },
    },
  );
  running = await startTestApp(app({ services: [shop] }), { instances: 1 });
  url = running.instances[0]?.privateUrl ?? "";
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
  await rm(`${folder}-outside.txt`);
});

const ask = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> =>
  fetch(url + path, { headers: { "accept-encoding": "identity", ...headers }, method });
const header = async (path: string, name: string): Promise<string | null> => (await ask(path)).headers.get(name);

describe("the pages of a service", () => {
  it("begin wherever the service wants them, and nowhere else", async () => {
    for (const path of ["/", "/cart", "/things/7", "/things/7/8", "/?from=here", "/index.html"])
      expect(await (await ask(path)).text(), path).toContain("Welcome");
    expect(await (await ask("/elsewhere")).text()).toBe("elsewhere");
    expect((await ask("/else/where")).status).toBe(404);
  });

  it("leave routes their addresses", async () => {
    expect((await ask("/things/best")).status).toBe(204);
  });

  it("are files under their paths, each with its type", async () => {
    expect(await (await ask("/assets/index-BkV3x9Qa.js")).text()).toBe(script);
    expect(await header("/assets/index-BkV3x9Qa.js", "content-type")).toBe("text/javascript; charset=utf-8");
    expect(await header("/assets/plain.css", "content-type")).toBe("text/css; charset=utf-8");
    expect(await header("/logo.png", "content-type")).toBe("image/png");
    expect(await header("/", "content-type")).toBe("text/html; charset=utf-8");
  });

  it("are kept for ever where their name has a hash of the content, else asked for again", async () => {
    expect(await header("/assets/index-BkV3x9Qa.js", "cache-control")).toBe("public, max-age=31536000, immutable");
    for (const path of ["/", "/assets/plain.css", "/words.js", "/logo.png"])
      expect(await header(path, "cache-control"), path).toBe("no-cache");
  });

  it("are not sent again to who has them, in whichever form", async () => {
    for (const encoding of ["identity", "br", "gzip"])
      for (const path of ["/", "/assets/index-BkV3x9Qa.js", "/words.js"]) {
        const first = await ask(path, { "accept-encoding": encoding });
        const again = await ask(path, {
          "accept-encoding": encoding,
          "if-none-match": first.headers.get("etag") ?? "",
        });
        expect(again.status, `${path} ${encoding}`).toBe(304);
        expect(await again.text()).toBe("");
        expect(again.headers.get("cache-control")).toBe(first.headers.get("cache-control"));
        expect(again.headers.get("content-encoding")).toBeNull();
      }
  });

  it("are sent in the form that the client likes best, compressed at build or once", async () => {
    const raw = async (path: string, accept: string) => {
      const answer = await rawExchange(
        Number(new URL(url).port),
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${accept}\r\nConnection: close\r\n\r\n`,
      );
      const end = answer.indexOf("\r\n\r\n");
      return { head: answer.toString("latin1", 0, end).toLowerCase(), body: answer.subarray(end + 4) };
    };
    for (const path of ["/assets/index-BkV3x9Qa.js", "/words.js"]) {
      const br = await raw(path, "gzip, deflate, br");
      expect(br.head).toContain("content-encoding: br");
      expect(br.head).toContain("vary: accept-encoding");
      expect(brotliDecompressSync(br.body).toString()).toBe(script);
      const gzip = await raw(path, "gzip");
      expect(gzip.head).toContain("content-encoding: gzip");
      expect(gunzipSync(gzip.body).toString()).toBe(script);
      expect((await raw(path, "br;q=0, identity")).body.toString()).toBe(script);
    }
    expect((await raw("/logo.png", "br")).head).not.toContain("content-encoding");
    const built = await readFile(join(folder, "assets", "index-BkV3x9Qa.js.br"));
    expect((await raw("/assets/index-BkV3x9Qa.js", "br")).body.equals(built)).toBe(true);
  });

  it("answer HEAD with the same head and no body", async () => {
    const [whole, head] = [await ask("/words.js"), await ask("/words.js", {}, "HEAD")];
    expect(head.headers.get("content-length")).toBe(String(script.length));
    expect(head.headers.get("etag")).toBe(whole.headers.get("etag"));
    expect(await head.text()).toBe("");
  });

  it("run no script and load nothing but their own, and say nothing to others of where one was", async () => {
    const { headers } = await ask("/");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'self';/);
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("permissions-policy")).toContain("camera=()");
    expect(await header("/words.js", "x-content-type-options")).toBe("nosniff");
  });

  it.each([
    "/.env",
    "/.git/config",
    "/assets/../.env",
    "/%2eenv",
    "/assets/%2e%2e/.env",
    "/..%2f..%2fetc%2fpasswd",
    "/../../../../etc/passwd",
    "/assets//plain.css",
    "/assets/",
    "/outside.txt",
    "/assets/index-BkV3x9Qa.js.br",
    "/index.html%00.js",
  ])("have nothing at %s", async (path) => {
    const answer = await rawExchange(
      Number(new URL(url).port),
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    const text = answer.toString();
    // `/:code` answers what has no slash with the code itself.
    expect(text).toMatch(/^HTTP\/1\.1 (?:404|400)|content-type: text\/plain/);
    expect(text).not.toMatch(/SECRET|secret|not yours|root:|Welcome|color/);
  });
});

describe("pages are refused", () => {
  const refusal = { code: "invalid-app" };

  it("where they are not built, saying where and how", async () => {
    const missing = join(folder, "nowhere");
    await expect(openPages([site("shop", {}, ["/"], missing)])).rejects.toMatchObject({
      code: "no-pages",
      message: expect.stringContaining(missing),
      cure: expect.stringContaining("npm run build:pages"),
    });
  });

  it("where a route, the platform or other pages answer the same address", async () => {
    const words = get("/words.js", { returns: nothing(), allow: anyone });
    await expect(openPages([site("shop", { words }, ["/"])])).rejects.toMatchObject(refusal);
    await expect(openPages([site("shop", {}, ["/openapi"])])).rejects.toMatchObject(refusal);
    await expect(openPages([site("one", {}, ["/"]), site("two", {}, ["/two"])])).rejects.toMatchObject({
      message: expect.stringContaining("the pages of one"),
    });
  });

  it("by the plan already where their addresses are wrong or another's", () => {
    const root = get("/", { returns: nothing(), allow: anyone });
    const planned = (...services: ReturnType<typeof site>[]) => plan(app({ services }), {});
    expect(() => planned(site("shop", { root }, ["/"]))).toThrow(expect.objectContaining(refusal));
    expect(() => planned(site("one", {}, ["/a/*"]), site("two", {}, ["/a/*"]))).toThrow("the pages of one");
    for (const address of ["", "a", "/a/*/b", "/:code", "/a b", "//"])
      expect(() => planned(site("shop", {}, [address])), address).toThrow(expect.objectContaining(refusal));
    expect(() => planned(site("shop", {}, ["/", "/a", "/a/b", "/a/*", "/*"]))).not.toThrow();
  });

  it("where they would fill the memory", async () => {
    const large = join(folder, "..", `${folder}-large`);
    await cp(folder, large, { recursive: true, filter: (path) => !path.includes("outside") });
    await writeFile(join(large, "film.mp4"), "");
    await truncate(join(large, "film.mp4"), pagesBytesMax);
    await expect(openPages([site("shop", {}, ["/"], large)])).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining(`at most ${pagesBytesMax}`),
    });
    await rm(join(large, "film.mp4"));
    await Promise.all(Array.from({ length: pagesFilesMax }, (_, index) => writeFile(join(large, `${index}.txt`), "")));
    await expect(openPages([site("shop", {}, ["/"], large)])).rejects.toMatchObject({
      message: expect.stringContaining(`at most ${pagesFilesMax}`),
    });
    await rm(large, { recursive: true });
  });

  it("where a file's name makes no address", async () => {
    const odd = `${folder}-odd`;
    await mkdir(odd);
    await writeFile(join(odd, "index.html"), "");
    await writeFile(join(odd, "a?b.js"), "");
    await expect(openPages([site("shop", {}, ["/"], odd)])).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining("a?b.js"),
    });
    await rm(odd, { recursive: true });
  });
});
