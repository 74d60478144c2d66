import { bareAddress } from "./bare-address.ts";
import "./short-address.css";

interface ShortAddressProps {
  readonly url: string;
  readonly code: string;
}

/** A short address whose changing part is the stronger one. */
export function ShortAddress({ url, code }: ShortAddressProps) {
  return (
    <span className="short-address" title={url}>
      <span className="short-address-base">{bareAddress(url).slice(0, -code.length)}</span>
      <span className="short-address-code">{code}</span>
    </span>
  );
}
