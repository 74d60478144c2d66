import { expect } from "vitest";

/** What a refused request is told. */
export interface Told {
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  /** Of a failure that an app declares. */
  readonly data?: unknown;
  readonly cure: string;
  readonly fields?: readonly { readonly field: string; readonly problem: string }[];
}

/** The problem that `answer` is, held against what every problem promises: its type, its status, a code and a cure. */
export async function problemOf(answer: Response): Promise<Told> {
  const text = await answer.text();
  expect(answer.headers.get("content-type"), text).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text);
  expect(problem).toMatchObject({
    status: answer.status,
    type: `/problems/${problem.code}`,
    title: expect.stringMatching(/\S/),
    cure: expect.stringMatching(/\S.*\.$/s),
  });
  return problem;
}

/** The names of the fields that it says are wrong. */
export function fieldsOf({ fields = [] }: Told): readonly string[] {
  return fields.map(({ field }) => field);
}
