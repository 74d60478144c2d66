import { describe, expect, it } from "vitest";
import type { Actor } from "../../../model/actor.ts";
import { signCaller, verifyCaller } from "./caller-header.ts";

const actor: Actor = { id: "ada", workspace: "analytical", scopes: ["links:write"] };
const at = (nowMs: number, service = "links") => ({ service, nowMs });
const signed = signCaller({ actor, service: "links", expiresMs: 1_000 }, "secret");

describe("the signed caller", () => {
  it("is who signed it, until it expires", () => {
    expect(verifyCaller(signed, "secret", at(999))).toEqual({ actor, service: "links", expiresMs: 1_000 });
    expect(verifyCaller(signed, "secret", at(1_000))).toBeUndefined();
  });

  it("may be nobody", () => {
    const nobody = signCaller({ actor: undefined, service: "links", expiresMs: 1_000 }, "secret");
    expect(verifyCaller(nobody, "secret", at(0))).toEqual({ actor: undefined, service: "links", expiresMs: 1_000 });
  });

  it("is believed by the service that was asked alone", () => {
    expect(verifyCaller(signed, "secret", at(0, "billing"))).toBeUndefined();
    expect(verifyCaller(signed, "secret", at(0, ""))).toBeUndefined();
  });

  it("is not believed under another secret, nor under none", () => {
    expect(verifyCaller(signed, "other", at(0))).toBeUndefined();
    expect(verifyCaller(signCaller({ actor, service: "links", expiresMs: 1_000 }, ""), "", at(0))).toBeUndefined();
  });

  it("is not believed after any change to it", () => {
    const [claims = "", signature = ""] = signed.split(".");
    const owner = Buffer.from(JSON.stringify([1_000, "links", { ...actor, scopes: ["*"] }])).toString("base64url");
    const elsewhere = Buffer.from(JSON.stringify([1_000, "billing", actor])).toString("base64url");
    const later = Buffer.from(JSON.stringify([9_000, "links", actor])).toString("base64url");
    for (const forged of [`${owner}.${signature}`, `${later}.${signature}`, claims, `${claims}.`, `.${signature}`, ""])
      expect(verifyCaller(forged, "secret", at(0)), forged).toBeUndefined();
    expect(verifyCaller(`${elsewhere}.${signature}`, "secret", at(0, "billing"))).toBeUndefined();
    for (const forged of [`${signed}.x`, `${claims}.${signature.slice(1)}`, `${signed}, ${signed}`, `x${signed}`])
      expect(verifyCaller(forged, "secret", at(0)), forged).toBeUndefined();
  });
});
