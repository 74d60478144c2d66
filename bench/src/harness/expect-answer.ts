import { request } from "node:http";
import { isDeepStrictEqual } from "node:util";

export interface Ask {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface Expected {
  readonly status: number | ((status: number) => boolean);
  readonly location?: string;
  readonly json?: unknown;
}

/** Asks once and throws where the answer is not the expected one. Unlike `fetch` it shows `location` and sets `host`. */
export async function expectAnswer(
  url: string,
  { method = "GET", headers = {}, json }: Ask,
  expected: Expected,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; location?: string; body: string }>();
  const asking = request(
    url,
    { method, headers: { ...headers, ...(json === undefined ? {} : { "content-type": "application/json" }) } },
    (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      answer.on("error", reject);
      answer.on("end", () => {
        const { location } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, body, ...(location === undefined ? {} : { location }) });
      });
    },
  );
  asking.on("error", reject);
  asking.end(json === undefined ? undefined : JSON.stringify(json));
  const { status, location, body } = await promise;
  const fits =
    (typeof expected.status === "number" ? status === expected.status : expected.status(status)) &&
    (expected.location === undefined || location === expected.location) &&
    (expected.json === undefined || isDeepStrictEqual(JSON.parse(body), expected.json));
  if (!fits)
    throw new Error(
      `${method} ${url} answered ${status} ${location ?? ""}\n${body}\ninstead of ${JSON.stringify(expected)}`,
    );
}
