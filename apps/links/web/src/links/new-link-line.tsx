import { useEffect, useRef } from "react";
import { Link as AriaLink } from "react-aria-components/Link";
import { CopyButton } from "trellis-ui";
import type { Link } from "../../../src/contract.ts";
import { bareAddress } from "../bare-address.ts";
import { ShortAddress } from "../short-address.tsx";

/** The link that was just made, ready to be copied: Enter does it. */
export function NewLinkLine({ link }: { readonly link: Link }) {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => line.current?.querySelector("button")?.focus(), []);
  return (
    <p ref={line} className="shorten-made" data-testid="made">
      <span role="status" className="shorten-made-address">
        <ShortAddress url={link.url} code={link.code} />
        <span className="visually-hidden"> leads to </span>
        <span className="quiet shorten-made-target" title={link.target}>
          {bareAddress(link.target)}
        </span>
      </span>
      <CopyButton text={link.url} what={bareAddress(link.url)} kind="outline" word />
      <AriaLink href={`/links/${link.code}`} className="button button-plain">
        Details
      </AriaLink>
    </p>
  );
}
