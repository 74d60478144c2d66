import { describe, expect, it } from "vitest";
import type { Actor } from "../../../model/actor.ts";
import { signCaller, verifyCaller } from "./caller-header.ts";

const actor: Actor = { id: "ada", workspace: "analytical", scopes: ["links:write"] };
const signed = signCaller({ actor, expiresMs: 1_000 }, "secret");

describe("the signed caller", () => {
  it("is who signed it, until it expires", () => {
    expect(verifyCaller(signed, "secret", 999)).toEqual({ actor, expiresMs: 1_000 });
    expect(verifyCaller(signed, "secret", 1_000)).toBeUndefined();
  });

  it("may be nobody", () => {
    const nobody = signCaller({ actor: undefined, expiresMs: 1_000 }, "secret");
    expect(verifyCaller(nobody, "secret", 0)).toEqual({ actor: undefined, expiresMs: 1_000 });
  });

  it("is not believed under another secret, nor under none", () => {
    expect(verifyCaller(signed, "other", 0)).toBeUndefined();
    expect(verifyCaller(signCaller({ actor, expiresMs: 1_000 }, ""), "", 0)).toBeUndefined();
  });

  it("is not believed after any change to it", () => {
    const [claims = "", signature = ""] = signed.split(".");
    const owner = Buffer.from(JSON.stringify([1_000, { ...actor, scopes: ["*"] }])).toString("base64url");
    const later = Buffer.from(JSON.stringify([9_000, actor])).toString("base64url");
    for (const forged of [`${owner}.${signature}`, `${later}.${signature}`, claims, `${claims}.`, `.${signature}`, ""])
      expect(verifyCaller(forged, "secret", 0), forged).toBeUndefined();
    for (const forged of [`${signed}.x`, `${claims}.${signature.slice(1)}`, `${signed}, ${signed}`, `x${signed}`])
      expect(verifyCaller(forged, "secret", 0), forged).toBeUndefined();
  });
});
