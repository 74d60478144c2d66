import { loadPages } from "../blocks/http/pages/load-pages.ts";
import { openApiDocument } from "../blocks/http/reference/openapi.ts";
import { problemPages } from "../blocks/http/reference/problem-pages.ts";
import { referencePages } from "../blocks/http/reference/reference-page.ts";
import type { OwnAnswer } from "../blocks/http/server/own-answer.ts";
import type { Page } from "../blocks/http/server/page.ts";
import type { Service } from "../model/service.ts";
import { platformContracts } from "./platform-contracts.ts";

export interface OpenPages {
  /** What every app shows of itself: its reference, and what its problems mean. */
  readonly pages: readonly Page[];
  /** The pages of its services. */
  readonly answers: readonly OwnAnswer[];
}

const others = ["/livez", "/readyz", "/metrics"];

/** Reads the services' pages. Throws `no-pages`, or `invalid-app` where something else has one of their addresses. */
export async function openPages(services: readonly Service[]): Promise<OpenPages> {
  const contracts = [...services.map(({ contract }) => contract), ...platformContracts];
  const title = services.map(({ contract }) => contract.name).join(", ");
  const describe = () =>
    openApiDocument(
      contracts.map((contract) => ({ contract })),
      { title, version: "1" },
    );
  const pages = [...referencePages(describe), ...problemPages(contracts)];
  const routes = contracts.flatMap(({ routes }) => Object.values(routes)).filter(({ method }) => method === "GET");
  const taken = new Set([...others, ...[...pages, ...routes].map(({ path }) => path)]);
  return { pages, answers: await loadPages(services, taken) };
}
