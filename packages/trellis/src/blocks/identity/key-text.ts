/** A key as people copy it: `trellis_ID_SECRET`. The prefix lets scanners find keys that leaked. */
export function formatKey(id: string, secret: string): string {
  return `trellis_${id}_${secret}`;
}

const form = /^Bearer +trellis_([0-9a-f]{16})_([A-Za-z0-9_-]{32})$/i;

/** The parts of an `authorization` header; undefined where it holds no key of ours. */
export function parseKey(authorization: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = form.exec(authorization) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}
