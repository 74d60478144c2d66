import { type ApiKeys, keyIdOf } from "../blocks/identity/api-keys.ts";
import { Guesses } from "../blocks/identity/guesses.ts";
import { sessionSetCookie } from "../blocks/identity/session-cookies.ts";
import type { Clock } from "../model/clock.ts";
import { service } from "../model/service.ts";
import { sessionContract, TooManyGuesses, UnknownKey } from "../operations/session-contract.ts";
import type { OpenService } from "./open-services.ts";

/** The service by which browsers sign in, which every app has besides its own. */
export function openSessions({ keys, clock }: { readonly keys: ApiKeys; readonly clock: Clock }): OpenService {
  const guesses = new Guesses(clock);
  const sessions = service(sessionContract, {
    uses: {},
    routes: {
      begin: async ({ body: { key }, ip, origin }) => {
        const retryAfterMs = guesses.waitMs(ip);
        if (retryAfterMs > 0) return TooManyGuesses({ retryAfterMs });
        if (await keys.actor(`Bearer ${key}`)) return { cookie: sessionSetCookie(key, origin) };
        guesses.wrong(ip);
        return UnknownKey({});
      },
      read: async ({ actor }) => {
        const { workspace, scopes } = actor;
        const keyId = keyIdOf(actor);
        const key = await keys.find(keyId);
        return { workspace, scopes: [...scopes], keyId, label: key?.label ?? "" };
      },
      end: ({ origin }) => ({ cookie: sessionSetCookie(undefined, origin) }),
    },
  });
  return { service: sessions, handles: {}, blocks: [] };
}
