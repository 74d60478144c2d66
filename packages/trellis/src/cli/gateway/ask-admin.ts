import { request } from "node:http";
import { TrellisError } from "../../model/errors.ts";
import type { Purge } from "../../model/purge.ts";

/** Purges by the admin port of a `trellis gateway` of this machine. Throws `not-running` where nobody answers there. */
export async function askAdmin(port: number, purge: Purge): Promise<void> {
  const { status, body } = await post(port, JSON.stringify(purge));
  if (status === 204) return;
  throw new TrellisError("gateway-refused", {
    says: `What listens on port ${port} answered ${status}: ${body.slice(0, 500)}`,
    cure: "Give the --admin port of a trellis gateway.",
  });
}

function post(port: number, text: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void =>
      reject(
        new TrellisError("not-running", {
          says: `No gateway answers on port ${port} of this machine: ${cause.message}`,
          cure: "Start `trellis gateway` with --admin, and give its port.",
          cause,
        }),
      );
    const asking = request({ host: "127.0.0.1", port, path: "/purge", method: "POST" }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        body += piece;
      });
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.once("error", failed);
    });
    asking.once("error", failed);
    asking.end(text);
  });
}
