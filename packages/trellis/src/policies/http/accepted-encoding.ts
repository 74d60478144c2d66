export type Encoding = "br" | "gzip";

/** Shorter texts gain less than their headers cost. */
export const compressBytesMin = 1_024;

/** Accept-Encoding has few values in the wild; the table is bounded for those who invent more. */
const knownMax = 64;
const known = new Map<string, Encoding | undefined>();

/** The best encoding that the client accepts (RFC 9110, section 12.5.3): what it weighs most, br before gzip. */
export function acceptedEncoding(acceptEncoding: string | undefined): Encoding | undefined {
  if (acceptEncoding === undefined) return undefined;
  if (known.has(acceptEncoding)) return known.get(acceptEncoding);
  const encoding = readAcceptEncoding(acceptEncoding);
  if (known.size < knownMax) known.set(acceptEncoding, encoding);
  return encoding;
}

/** Whether a body of this type gets smaller: texts do; pictures are compressed already, and events must not wait. */
export function isCompressible(contentType: string | undefined): boolean {
  return (
    contentType !== undefined &&
    /^(?:text\/(?!event-stream)|application\/(?:[\w.+-]*\+)?json|image\/svg\+xml|application\/javascript)/.test(
      contentType,
    )
  );
}

function readAcceptEncoding(header: string): Encoding | undefined {
  const weights = new Map(
    header.split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
      const weight = parameters.find((text) => text.startsWith("q="))?.slice(2);
      return [name, weight === undefined ? 1 : Number(weight)] as const;
    }),
  );
  const weightOf = (name: Encoding): number => weights.get(name) ?? weights.get("*") ?? 0;
  const [br, gz] = [weightOf("br"), weightOf("gzip")];
  if (br > 0 && br >= gz) return "br";
  return gz > 0 ? "gzip" : undefined;
}
