/** What the app says of its answers: kept for longer than a run lasts. */
export const cacheControl = "public, max-age=3600";
