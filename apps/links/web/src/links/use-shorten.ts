import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { CallFailed } from "trellis/contract";
import { describeError } from "trellis-ui";
import { links } from "../api.ts";
import { putOnTop } from "./link-list.ts";

interface NewLink {
  readonly target: string;
  readonly alias?: string;
}

export interface ShortenErrors {
  readonly target?: string;
  readonly alias?: string;
}

/** Makes links. The same input sent again, after an answer was lost, is the same link. */
export function useShorten() {
  const queries = useQueryClient();
  const sent = useRef<{ input: string; key: string }>(undefined);
  return useMutation({
    mutationFn: (body: NewLink) => {
      const input = JSON.stringify(body);
      if (sent.current?.input !== input) sent.current = { input, key: randomKey() };
      return links.shorten({ body }, { idempotencyKey: sent.current.key });
    },
    onSuccess: (link) => {
      sent.current = undefined;
      putOnTop(queries, link);
    },
  });
}

/** Which field is to blame, and how to mend it. */
export function shortenErrors(error: unknown): ShortenErrors {
  if (error instanceof CallFailed) {
    const { code, detail } = error.failure;
    if (code === "alias-taken") return { alias: "Another link has this ending. Choose another one, or leave it out." };
    if (code === "alias-reserved") return { alias: "This word is kept for the app’s own pages. Choose another one." };
    if (code === "target-refused") return { target: `${(detail as { says: string }).says}.` };
  }
  const { title, cure, fields } = describeError(error);
  const { target, alias } = fields;
  if (target === undefined && alias === undefined) return { target: `${title}. ${cure}` };
  return {
    ...(target === undefined ? {} : { target: `This ${target}.` }),
    ...(alias === undefined ? {} : { alias: `This ${alias}.` }),
  };
}

/** `crypto.randomUUID` is there on secure pages only. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("-");
}
