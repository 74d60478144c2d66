import type { FieldProblem } from "../../../model/errors.ts";

/** A handler returned what its contract does not promise: a defect of the service, never of the caller. */
export class AnswerMisfit extends Error {
  override readonly name = "AnswerMisfit";
  readonly fields: readonly FieldProblem[];

  /** `of` names what does not fit, such as `links.shorten: the answer`. */
  constructor(of: string, fields: readonly FieldProblem[], cause?: unknown) {
    super(`${of} does not fit its schema`, cause === undefined ? undefined : { cause });
    this.fields = fields;
  }
}
