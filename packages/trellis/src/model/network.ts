/** Whether the text is an IP address, or a network of them such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [, address = "", prefix = "0"] = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  if (address.includes(":")) return URL.canParse(`http://[${address}]/`) && Number(prefix) <= 128;
  const parts = address.split(".");
  return parts.length === 4 && parts.every(isByte) && Number(prefix) <= 32;
}

function isByte(text: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
}
