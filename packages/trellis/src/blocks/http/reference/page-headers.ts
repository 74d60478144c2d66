// Asked again each time, for a new release changes them; unchanged, they are not sent again.
export const contentHeaders = { "x-content-type-options": "nosniff", "cache-control": "no-cache" };

/** For HTML: nothing but what the page brings along. */
export const pageHeaders = {
  ...contentHeaders,
  "referrer-policy": "no-referrer",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
};
