/** A spool, as its row in `trellis.spool` names it. */
export interface SpoolName {
  /** `STREAM/PROCESS`, never used twice. */
  readonly spool: string;
  /** `SERVICE.NAME` */
  readonly stream: string;
  /** For people: `web-1`. */
  readonly instance: string;
}
