/**
 * Words that no link may have, since they are addresses of the platform, may become so, or would mislead. What has a
 * dot, such as `favicon.ico`, `robots.txt` or `openapi.json`, is not here: no code has one.
 */
const reserved: ReadonlySet<string> = new Set([
  ...["v1", "v2", "v3", "api", "graphql", "openapi", "docs", "reference", "events", "ws"],
  ...["livez", "readyz", "healthz", "health", "status", "metrics", "ping", "debug"],
  ...["admin", "console", "dashboard", "settings", "account", "billing", "abuse", "report", "security"],
  ...[
    "login",
    "logout",
    "signin",
    "sign-in",
    "signup",
    "sign-up",
    "sign-out",
    "session",
    "auth",
    "oauth",
    "callback",
    "password",
    "invite",
  ],
  ...["assets", "static", "public", "files", "images", "fonts", "favicon", "robots", "sitemap", "manifest"],
  ...["about", "contact", "help", "support", "terms", "privacy", "legal", "pricing", "blog", "home", "index"],
  ...["www", "mail", "root", "system", "trellis", "links", "operations", "new", "null", "undefined", "well-known"],
]);

/** However it is written: `Admin` misleads as `admin` does. */
export function isReserved(code: string): boolean {
  return reserved.has(code.toLowerCase());
}
