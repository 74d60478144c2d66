/** What was typed as an address: `example.com/a` gets its scheme. Undefined where it is none. */
export function asTarget(typed: string): string | undefined {
  const text = typed.trim();
  if (/^https?:\/\/[^\s/]+/i.test(text)) return text;
  // A site needs a dot with letters after it, or every word would be one.
  return /^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?$/i.test(text) ? `https://${text}` : undefined;
}
