import { TrellisError } from "../../model/errors.ts";
import { type Purge, safeTag } from "../../model/purge.ts";
import { wholeNumber } from "../arguments/whole-number.ts";
import { command, dataOption } from "../command.ts";
import { askAdmin } from "../gateway/ask-admin.ts";
import { askSupervisor } from "../running/ask-supervisor.ts";

const options = {
  url: { value: "URL", says: "what is kept of this address, by http and by https" },
  tag: { value: "TAG", says: "what was answered with this tag" },
  all: { says: "everything" },
  service: { value: "NAME", says: "with --tag and --all: of this service only" },
  admin: { value: "N", says: "of the trellis gateway whose --admin port this is, instead of the app" },
  data: dataOption,
} as const;

interface Given {
  readonly url: string | undefined;
  readonly tag: string | undefined;
  readonly all: boolean;
  readonly service: string | undefined;
}

export const purge = command({
  name: "purge",
  about: [
    "Takes answers out of the edge cache of every gateway process: of the app that runs here, or with --admin of a",
    "`trellis gateway` on this machine. What was asked for before it is not kept after it.",
  ].join("\n"),
  options,
  run: async ({ options: given }, world) => {
    const asked = purgeOf(given);
    if (given.admin !== undefined) await askAdmin(wholeNumber(given.admin, "--admin", 1, 65_535), asked);
    else await askSupervisor(given.data, { ask: "purge", purge: ofApp(asked) }, world);
    world.output.answer({ event: "purged", ...asked }, "Purged.");
    return 0;
  },
});

function purgeOf({ url, tag, all, service }: Given): Purge {
  const of = service === undefined ? {} : { service };
  const named = [url !== undefined, tag !== undefined, all].filter(Boolean).length;
  if (named !== 1 || (url !== undefined && service !== undefined))
    throw new TrellisError("usage", {
      says: "What is to be purged is not clear",
      cure: "Give one of --url URL, --tag TAG or --all; --service goes with the last two.",
    });
  if (url === undefined) return tag === undefined ? { all: true, ...of } : { tag, ...of };
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { url };
  throw new TrellisError("usage", {
    says: `--url is "${url}"`,
    cure: "Give a whole address, such as http://links.localhost:3000/a.",
  });
}

/** A tag as the app's own answers name it; origins that are not ours name theirs as they like. */
function ofApp(asked: Purge): Purge {
  return "tag" in asked ? { ...asked, tag: safeTag(asked.tag) } : asked;
}
