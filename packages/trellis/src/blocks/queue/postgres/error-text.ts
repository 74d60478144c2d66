const charactersMax = 4_000;

/** What is kept of an error with its job: PostgreSQL's text has no NUL. */
export function errorText(error: unknown): string {
  const text =
    error instanceof Error ? `${error.name === "Error" ? "" : `${error.name}: `}${error.message}` : describe(error);
  return text.replaceAll("\0", "").slice(0, charactersMax) || "An error without a message";
}

function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "Something that cannot be written was thrown";
  }
}
