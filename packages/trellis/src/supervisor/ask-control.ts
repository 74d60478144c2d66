import { connect } from "node:net";
import { type ErrorCode, errorCatalogue, TrellisError } from "../model/errors.ts";
import { Lines } from "../model/lines.ts";
import type { ControlAnswer, ControlRequest, ReleaseStep } from "./control-words.ts";
import type { InstanceError } from "./instance-process.ts";

/** A list of releases or a status is some hundred bytes for each. */
const answerCharactersMax = 16_777_216;

/** Asks the supervisor that listens there. Throws its error, or `not-running` where nobody listens. */
export function askControl(
  path: string,
  request: ControlRequest,
  onStep: (step: ReleaseStep) => void = () => undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const lines = new Lines(answerCharactersMax);
    const socket = connect(path, () => socket.write(`${JSON.stringify(request)}\n`));
    const receive = (answer: ControlAnswer) => {
      if (answer.answer === "step") onStep(answer.step);
      else if (answer.answer === "done") resolve(answer.value);
      else reject(revived(answer.error));
    };
    socket.setEncoding("utf8").on("data", (piece: string) => {
      for (const line of lines.push(piece)) receive(JSON.parse(line) as ControlAnswer);
    });
    socket.once("error", (cause) => reject(new TrellisError("not-running", { cause })));
    // After the answer this does nothing more.
    socket.once("close", () =>
      reject(
        new TrellisError("unavailable", {
          says: "The supervisor ended before it had answered",
          cure: "Start the app, which goes on with what was begun; `trellis releases` shows how far a release is.",
        }),
      ),
    );
  });
}

/** The error as it was before it travelled between processes. */
export function revived({ code, says, cure }: InstanceError): TrellisError {
  return new TrellisError(code in errorCatalogue ? (code as ErrorCode) : "internal", { says, cure });
}
