import { TrellisError } from "./errors.ts";
import { isConversation, type Route } from "./route.ts";

export type Routes = Readonly<Record<string, Route>>;

/** What a service promises: typed routes. Holds no implementation, so that a browser may import it. */
export interface Contract<Name extends string = string, R extends Routes = Routes> {
  readonly name: Name;
  readonly routes: R;
}

const nameForm = /^[a-z][a-z0-9-]{0,31}$/;
const pathForm = /^\/(?:(?::[a-zA-Z_]\w*|[\w.~-]+)\/?)*$/;

/** Declares what others may ask of the service `name`. */
export function contract<const Name extends string, const R extends Routes>(name: Name, routes: R): Contract<Name, R> {
  if (!nameForm.test(name))
    throw new TrellisError("invalid-app", {
      says: `"${name}" cannot be the name of a service`,
      cure: "Use lower-case letters, digits and hyphens, a letter first, at most 32.",
    });
  const seen = new Map<string, string>();
  for (const [routeName, route] of Object.entries(routes)) {
    if (!pathForm.test(route.path))
      throw new TrellisError("invalid-app", {
        says: `${name}.${routeName}: "${route.path}" is not a path that can be routed`,
        cure: 'Write segments such as "/v1/links/:code".',
      });
    if (isConversation(route) && route.method !== "GET")
      throw new TrellisError("invalid-app", {
        says: `${name}.${routeName}: a WebSocket does not begin with ${route.method}`,
        cure: "Declare it with `get`.",
      });
    const address = routeAddress(route);
    const twin = seen.get(address);
    if (twin !== undefined)
      throw new TrellisError("invalid-app", {
        says: `${name}.${twin} and ${name}.${routeName} answer the same address, ${address}`,
        cure: "Give one of them another path or method.",
      });
    seen.set(address, routeName);
  }
  return { name, routes };
}

/** The method and path with parameter names left out: two routes with one address could not be told apart. */
export function routeAddress(route: Route): string {
  return `${route.method} ${route.path.replaceAll(/:\w+/g, ":")}`;
}
