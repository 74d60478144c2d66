import { type DestinationStream, destination } from "pino";
import pretty from "pino-pretty";

/** Log lines for people who watch a terminal, on standard error. A file of its own: only `dev` should load the package. */
export function prettyStream(): DestinationStream {
  return pretty({
    destination: destination({ fd: 2, sync: true }),
    messageKey: "says",
    ignore: "pid,hostname",
    singleLine: true,
    sync: true,
  });
}
