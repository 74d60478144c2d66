import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../model/clock.ts";
import type { Contract, Routes } from "../model/contract.ts";
import { type EdgeEventRecord, edgePartOf } from "../model/edge-event.ts";
import { edgeEventHeaders } from "../model/route.ts";
import type { Service } from "../model/service.ts";
import { DiskShare } from "../spool/disk-share.ts";
import { recordText } from "../spool/record-text.ts";
import { SegmentWriter } from "../spool/segment-writer.ts";
import { SpoolFolder } from "../spool/spool-folder.ts";

/** An answer that the edge gave, for tests: what is left out is a plain one, to nobody known. */
export interface EdgeAnswer {
  /** Path and query. */
  readonly url: string;
  /** `GET` unless said otherwise. */
  readonly method?: "GET" | "HEAD";
  /** 200 unless said otherwise. */
  readonly status?: number;
  /** Of the request. Those that the contract does not name are left out, as a gateway does. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly country?: string;
  readonly visitor?: number;
  /** Milliseconds since 1970: now unless said otherwise. */
  readonly at?: number;
}

interface Place {
  /** The app's data folder. */
  readonly folder: string;
  readonly services: readonly Service[];
  readonly clock: Clock;
}

/** Writes down what a gateway would. Throws where the route's answers at the edge are no events. */
export async function recordEdgeAnswers<R extends Routes>(
  { folder, services, clock }: Place,
  contract: Contract<string, R>,
  name: keyof R & string,
  answers: readonly EdgeAnswer[],
): Promise<void> {
  const route = contract.routes[name];
  const headers = route && edgeEventHeaders(route);
  const mapping = services.find((service) => service.contract.name === contract.name)?.edgeEvents[name];
  if (!headers || !mapping) throw new RangeError(`${contract.name}.${name} makes no events of the edge's answers.`);
  const text = answers.map((answer) =>
    recordText({ key: name, body: JSON.stringify(recordOf(answer, headers, clock.now())) }),
  );
  const spool = SpoolFolder.begin(join(folder, "spool"), `edge-test-${randomBytes(9).toString("hex")}`);
  const writer = new SegmentWriter({
    folder: () => spool.part(edgePartOf(`${contract.name}.${mapping.stream}`)),
    share: new DiskShare(Number.POSITIVE_INFINITY),
    clock,
    onTrouble: (because) => {
      throw new Error(`The test's folder cannot be written: ${because}`);
    },
  });
  writer.append(text.join(""), answers.length);
  await writer.close();
  spool.end();
}

function recordOf(answer: EdgeAnswer, named: readonly string[], now: number): EdgeEventRecord {
  const { url, method = "GET", status = 200, headers = {}, country = "", visitor, at = now } = answer;
  const given = Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value] as const);
  return {
    method,
    target: url,
    at,
    status,
    headers: Object.fromEntries(given.filter(([header]) => named.includes(header))),
    country,
    ...(visitor === undefined ? {} : { visitor }),
  };
}
