/** Who is asking. Decided once, where a request enters; owned by the platform. */
export interface Actor {
  readonly id: string;
  readonly workspace: string;
  readonly scopes: readonly Scope[];
}

/** What a key or session may do: `links:write`, or `*` for an owner, who may do everything. */
export type Scope = `${string}:${string}` | "*";

/** Who may use a route. */
export interface Permission<A extends Actor | undefined = Actor> {
  /** How it is said in errors, in OpenAPI and by `trellis plan`. */
  readonly says: string;
  readonly public: boolean;
  readonly admits: (actor: Actor) => boolean;
  /** Never there: carries the type of `actor` that handlers see. */
  readonly actor?: A;
}

/** Said aloud: no one needs to be signed in, so `actor` may be undefined. */
export const anyone: Permission<Actor | undefined> = { says: "anyone", public: true, admits: () => true };

/** The default of every route. */
export const signedIn: Permission = { says: "signed in", public: false, admits: () => true };

/** Actors that have the scope, and owners. */
export function scope(name: `${string}:${string}`): Permission {
  return {
    says: `scope ${name}`,
    public: false,
    admits: (actor) => actor.scopes.includes(name) || actor.scopes.includes("*"),
  };
}
