import { z } from "zod";
import { anyone, signedIn } from "../model/actor.ts";
import { contract } from "../model/contract.ts";
import { failure } from "../model/failure.ts";
import { cookie } from "../model/reply.ts";
import { del, get, post } from "../model/route.ts";

export const UnknownKey = failure("unknown-key", {
  status: 401,
  title: "There is no such key, or it was revoked",
  cure: "Check that all of it was copied, or make a new one: `trellis key new`.",
  detail: z.object({}),
});
export const TooManyGuesses = failure("too-many-guesses", {
  status: 429,
  title: "Too many keys were tried from this address",
  cure: "Wait a minute, then try the right one.",
  detail: z.object({ retryAfterMs: z.int() }),
});

/** Who is signed in, as a browser sees it. */
export const Session = z.object({
  workspace: z.string(),
  /** `*`: may do everything. */
  scopes: z.array(z.string()),
  keyId: z.string(),
  /** What its maker called the key; may be empty. */
  label: z.string(),
});

/** How a browser signs in: its key goes into a cookie that no script can read. */
export const sessionContract = contract("session", {
  begin: post("/v1/session", {
    summary: "Signs a browser in with an API key, which it keeps in a cookie that no script can read",
    body: z.object({ key: z.string().trim().min(1).max(200) }),
    returns: cookie(),
    fails: [UnknownKey, TooManyGuesses],
    allow: anyone,
  }),
  read: get("/v1/session", { summary: "Who is signed in", returns: Session, allow: signedIn }),
  end: del("/v1/session", { summary: "Signs this browser out", returns: cookie(), allow: anyone }),
});
