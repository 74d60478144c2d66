import { client } from "trellis/contract";
import { operationsContract } from "trellis/operations";
import { linksContract } from "../../src/contract.ts";

/** Links as this page calls it: of the host that it came from, with the session's cookie. */
export const links = client(linksContract, { url: "" });

/** The app's own operations. */
export const operations = client(operationsContract, { url: "" });
