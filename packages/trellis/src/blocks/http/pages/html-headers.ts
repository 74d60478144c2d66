/**
 * For HTML: scripts, styles and data from this app alone, none of them written into the page, and nothing of the
 * machine but what the page shows. Pictures may also be made by the page itself. The server adds the rest.
 */
export const htmlHeaders = {
  "content-security-policy": [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
  "cross-origin-opener-policy": "same-origin",
} as const;
