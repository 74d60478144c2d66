import { Download } from "lucide-react";
import { ModalDialog } from "trellis-ui";
import type { CountedLink } from "../../../src/contract.ts";
import { bareAddress } from "../bare-address.ts";
import "./qr-dialog.css";

interface QrDialogProps {
  readonly link: CountedLink;
  readonly onClose: () => void;
}

const printed = 1_024;

/** The short address as a QR code, to be looked at and taken along. */
export function QrDialog({ link, onClose }: QrDialogProps) {
  const address = `/v1/links/${encodeURIComponent(link.code)}/qr`;
  return (
    <ModalDialog title="QR code" onClose={onClose}>
      <img
        className="qr"
        src={`${address}?format=svg&size=480`}
        alt={`QR code of ${link.url}`}
        width={240}
        height={240}
      />
      <p className="qr-address mono">{bareAddress(link.url)}</p>
      <div className="modal-actions qr-actions">
        <a
          className="button button-outline"
          href={`${address}?format=svg&size=${printed}`}
          download={`${link.code}.svg`}
        >
          <Download size={14} aria-hidden="true" />
          SVG, for print
        </a>
        <a
          className="button button-outline"
          href={`${address}?format=png&size=${printed}`}
          download={`${link.code}.png`}
        >
          <Download size={14} aria-hidden="true" />
          PNG, {printed} px
        </a>
      </div>
    </ModalDialog>
  );
}
