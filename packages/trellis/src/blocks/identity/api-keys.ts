import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Actor, Scope } from "../../model/actor.ts";
import type { Bus } from "../../model/bus.ts";
import type { Clock } from "../../model/clock.ts";
import { TrellisError } from "../../model/errors.ts";
import type { Sql } from "../../model/sql.ts";
import { formatKey, parseKey } from "./key-text.ts";
import { rememberedMax, rememberMs } from "./limits.ts";

/** What is known of a key: everything but its secret. */
export interface ApiKey {
  readonly id: string;
  readonly workspace: string;
  readonly scopes: readonly Scope[];
  readonly label: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export interface NewApiKey {
  readonly workspace: string;
  readonly scopes: readonly Scope[];
  readonly label?: string;
}

/** The keys by which programs sign in. */
export interface ApiKeys {
  /** Makes a key, and its workspace where there is none. `text` is shown once and kept nowhere. */
  create(wanted: NewApiKey): Promise<{ readonly key: ApiKey; readonly text: string }>;
  /** The first owner's key, made once in the life of the data: undefined ever after. */
  firstOwnerKey(): Promise<string | undefined>;
  list(): Promise<readonly ApiKey[]>;
  find(id: string): Promise<ApiKey | undefined>;
  /** Takes effect on every instance within about a second. False where there is no such key. */
  revoke(id: string): Promise<boolean>;
  /** Who sends `authorization`: at once where the key was seen lately. Undefined where the key is not valid. */
  actor(authorization: string | undefined): Actor | undefined | Promise<Actor | undefined>;
  close(): void;
}

/** The platform's own migrations for this block. */
export const keyMigrations = {
  owner: "trellis:identity",
  schema: "trellis",
  folder: import.meta.resolve("./migrations/"),
} as const;

const actorPrefix = "key:";
const revokedTopic = "trellis:key-revoked";
const scopeForm = /^(?:\*|[a-z][a-z0-9-]*:[a-z][a-z0-9-]*)$/;

interface Row {
  readonly id: string;
  readonly secret_hash: Buffer;
  readonly workspace: string;
  readonly scopes: Scope[];
  readonly label: string;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
}

/** `bus` is left out by commands that only make or list keys, and check none. */
export function openApiKeys(parts: { readonly sql: Sql; readonly bus?: Bus; readonly clock: Clock }): ApiKeys {
  return new StoredApiKeys(parts.sql, parts.bus, parts.clock);
}

interface Remembered {
  readonly actor: Actor | undefined;
  readonly untilMs: number;
}

class StoredApiKeys implements ApiKeys {
  readonly #sql: Sql;
  readonly #bus: Bus | undefined;
  readonly #clock: Clock;
  readonly #remembered = new LRUCache<string, Remembered>({ max: rememberedMax });
  readonly #unsubscribe: (() => void) | undefined;
  /** Raised by every revocation: a look-up begun before one is not remembered. */
  #generation = 0;

  constructor(sql: Sql, bus: Bus | undefined, clock: Clock) {
    this.#sql = sql;
    this.#bus = bus;
    this.#clock = clock;
    const forget = () => this.#forgetAll();
    this.#unsubscribe = bus?.subscribe(revokedTopic, { receive: forget, missed: forget });
  }

  async create({ workspace, scopes, label = "" }: NewApiKey): Promise<{ key: ApiKey; text: string }> {
    refuseBadScopes(scopes);
    refuseBadWorkspace(workspace);
    const { id, secret } = newSecret();
    const [row] = await this.#sql.query<Row>(
      `with home as (insert into trellis.workspace (id) values ($3) on conflict (id) do nothing)
       insert into trellis.api_key (id, secret_hash, workspace, scopes, label) values ($1, $2, $3, $4, $5) returning *`,
      [id, hashOf(secret), workspace, scopes, label],
    );
    if (!row) throw new TrellisError("internal", { says: "The key was not stored" });
    return { key: publicPart(row), text: formatKey(id, secret) };
  }

  async firstOwnerKey(): Promise<string | undefined> {
    const { id, secret } = newSecret();
    // One statement: a crash between the workspace and its key would leave the app without any owner's key for ever.
    const [row] = await this.#sql.query(
      `with home as (insert into trellis.workspace (id) values ('main') on conflict (id) do nothing returning id)
       insert into trellis.api_key (id, secret_hash, workspace, scopes, label)
       select $1, $2, home.id, '{*}', 'first owner' from home returning id`,
      [id, hashOf(secret)],
    );
    return row && formatKey(id, secret);
  }

  async list(): Promise<readonly ApiKey[]> {
    const rows = await this.#sql.query<Row>("select * from trellis.api_key order by created_at, id");
    return rows.map(publicPart);
  }

  async find(id: string): Promise<ApiKey | undefined> {
    const [row] = await this.#sql.query<Row>("select * from trellis.api_key where id = $1", [id]);
    return row && publicPart(row);
  }

  async revoke(id: string): Promise<boolean> {
    const revoked = await this.#sql.query(
      "update trellis.api_key set revoked_at = now() where id = $1 and revoked_at is null returning id",
      [id],
    );
    if (revoked.length === 0) return false;
    this.#forgetAll();
    await this.#bus?.publish(revokedTopic, id);
    return true;
  }

  actor(authorization: string | undefined): Actor | undefined | Promise<Actor | undefined> {
    if (authorization === undefined) return undefined;
    const known = this.#remembered.get(authorization);
    if (known !== undefined && known.untilMs > this.#clock.now()) return known.actor;
    return this.#lookUp(authorization);
  }

  close(): void {
    this.#unsubscribe?.();
  }

  async #lookUp(authorization: string): Promise<Actor | undefined> {
    const key = parseKey(authorization);
    if (!key) return undefined;
    const generation = this.#generation;
    const [row] = await this.#sql.query<Row>("select * from trellis.api_key where id = $1 and revoked_at is null", [
      key.id,
    ]);
    const actor = row && timingSafeEqual(row.secret_hash, hashOf(key.secret)) ? actorOf(row) : undefined;
    if (generation === this.#generation)
      this.#remembered.set(authorization, { actor, untilMs: this.#clock.now() + rememberMs });
    return actor;
  }

  #forgetAll(): void {
    this.#generation += 1;
    this.#remembered.clear();
  }
}

function newSecret(): { readonly id: string; readonly secret: string } {
  return { id: randomBytes(8).toString("hex"), secret: randomBytes(24).toString("base64url") };
}

/** The secret has 192 random bits, so a fast hash is as good as a slow one. */
function hashOf(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

function actorOf({ id, workspace, scopes }: Row): Actor {
  return { id: actorPrefix + id, workspace, scopes };
}

/** The id of the key by which the actor has signed in. */
export function keyIdOf({ id }: Actor): string {
  return id.slice(actorPrefix.length);
}

function publicPart(row: Row): ApiKey {
  const { id, workspace, scopes, label } = row;
  return { id, workspace, scopes, label, createdAt: row.created_at, revokedAt: row.revoked_at };
}

function refuseBadScopes(scopes: readonly string[]): void {
  const bad = scopes.find((scope) => !scopeForm.test(scope));
  if (bad === undefined && scopes.length > 0) return;
  throw new TrellisError("usage", {
    says: bad === undefined ? "A key needs at least one scope" : `"${bad}" is not a scope`,
    cure: 'Give scopes such as "links:read,links:write", or make an owner\'s key, which may do everything.',
  });
}

function refuseBadWorkspace(workspace: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(workspace)) return;
  throw new TrellisError("usage", {
    says: `"${workspace}" cannot be the name of a workspace`,
    cure: "Use lower-case letters, digits and hyphens, at most 63.",
  });
}
