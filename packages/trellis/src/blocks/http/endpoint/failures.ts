import type { Mode } from "../../../model/block.ts";
import type { Contract } from "../../../model/contract.ts";
import type { Failure, FailureText } from "../../../model/failure.ts";
import type { Route } from "../../../model/route.ts";
import type { WireAnswer } from "../port.ts";
import { answerWith, wantedCredentials } from "./problem.ts";
import { wireForm } from "./wire-form.ts";

/** Makes the problem that carries a failure. Throws where the route does not declare it. */
export type WriteFailure = (failure: Failure, requestId: string) => WireAnswer | Promise<WireAnswer>;

/** Compiles the failures of a route. Throws `invalid-app` where a detail cannot be written as JSON. */
export function compileFailures(contract: Contract, name: string, route: Route, mode: Mode): WriteFailure {
  const of = `${contract.name}.${name}`;
  const kinds = new Map(
    (route.options.fails ?? []).map(({ code, text }) => {
      const form = wireForm(text.detail, `${of}: the detail of "${code}"`);
      return [code, { text, write: mode === "production" ? form.write : form.writeChecked }] as const;
    }),
  );
  return (failure, requestId) => {
    const kind = kinds.get(failure.code);
    if (!kind) throw new Error(`${of} failed with "${failure.code}", which it does not declare`);
    const detail = kind.write(failure.detail);
    return typeof detail === "string"
      ? failureAnswer(failure.code, kind.text, detail, requestId)
      : detail.then((detail) => failureAnswer(failure.code, kind.text, detail, requestId));
  };
}

function failureAnswer(
  code: string,
  { status, title, cure }: FailureText,
  detail: string,
  requestId: string,
): WireAnswer {
  const data: unknown = JSON.parse(detail);
  return answerWith(
    { type: `/problems/${code}`, title, status, code, cure, data, requestId },
    wantedCredentials(status),
  );
}
