/** Recruiting as far as types go: who may apply, caps, typed failures, the actor, a job for the notice, a call. */
import { calls, database, queue, service } from "trellis";
import { contract, created, failure, post, scope, signedIn } from "trellis/contract";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { mail, search } from "./blocks-to-come.ts";
import { mentionsContract } from "./social.test-d.ts";

const Stage = z.enum(["submitted", "offered", "hired", "rejected", "withdrawn"]);
const Application = z.object({ id: z.string(), role: z.string(), stage: Stage });
const Verdict = z.object({ rule: z.string(), holds: z.boolean(), because: z.string() });

const NotEligible = failure("not-eligible", {
  status: 403,
  title: "You are not eligible for this role",
  cure: "See which rule did not hold.",
  detail: z.object({ verdicts: z.array(Verdict) }),
});
const DeadlinePassed = failure("deadline-passed", {
  status: 409,
  title: "The deadline has passed",
  cure: "Ask the coordinator.",
  detail: z.object({ deadline: z.string() }),
});
const CapReached = failure("cap-reached", {
  status: 409,
  title: "You have used all your applications",
  cure: "Withdraw one first.",
  detail: z.object({ cap: z.number() }),
});

export const recruitingContract = contract("recruiting", {
  apply: post("/v1/roles/:role/applications", {
    returns: created(Application),
    fails: [NotEligible, DeadlinePassed, CapReached],
    allow: signedIn,
  }),
  decide: post("/v1/applications/:id/transitions", {
    body: z.object({ to: z.enum(["offered", "rejected"]), reason: z.string() }),
    returns: Application,
    allow: scope("applications:decide"),
  }),
});

interface Tables {
  role: { id: string; deadline: Date; cap: number; minimum_grade: number };
  enrolment: { person: string; role: string; grade: number };
  application: { id: string; role: string; person: string; stage: z.infer<typeof Stage> };
}

/** A pure rule of the domain: no block, no context. */
function eligible(grade: number, minimum: number): z.infer<typeof Verdict> {
  return { rule: "minimum grade", holds: grade >= minimum, because: `${grade} of at least ${minimum}` };
}

export const recruiting = service(recruitingContract, {
  uses: {
    db: database<Tables>({ migrations: import.meta.resolve("./migrations/") }),
    notices: mail(z.object({ to: z.string(), role: z.string() }), "./mails/applied.tsx"),
    remind: queue(z.object({ application: z.string() }), { retries: 3 }),
    applications: search(Application.extend({ person: z.string() }), { id: "id", text: ["role"] }),
    mentions: calls(mentionsContract, { deadline: "300ms" }),
  },
  routes: {
    apply: ({ params, actor, now }, { db, notices, remind, applications }) =>
      db.transaction(
        async (tx) => {
          expectTypeOf(actor.id).toEqualTypeOf<string>();
          const role = await db
            .in(tx)
            .selectFrom("role")
            .innerJoin("enrolment", "enrolment.role", "role.id")
            .selectAll("role")
            .select("enrolment.grade")
            .where("role.id", "=", params.role)
            .where("enrolment.person", "=", actor.id)
            .forUpdate()
            .executeTakeFirstOrThrow();
          if (role.deadline.getTime() < now()) return DeadlinePassed({ deadline: role.deadline.toISOString() });
          const verdicts = [eligible(role.grade, role.minimum_grade)];
          if (verdicts.some(({ holds }) => !holds)) return NotEligible({ verdicts });
          const mine = await db.in(tx).selectFrom("application").select("id").where("person", "=", actor.id).execute();
          if (mine.length >= role.cap) return CapReached({ cap: role.cap });
          const application = { id: "a1", role: role.id, person: actor.id, stage: "submitted" as const };
          await db.in(tx).insertInto("application").values(application).execute();
          await applications.in(tx).put(application);
          await notices.in(tx).send({ to: actor.id, role: role.id });
          await remind.in(tx).enqueue({ application: application.id }, { delay: "3d" });
          return application;
        },
        { isolation: "serializable" },
      ),
    decide: async ({ params, body }, { mentions }) => {
      const names = await mentions.complete.try({ query: { prefix: "a" } });
      return { id: params.id, role: names.ok ? String(names.value.length) : names.failure.code, stage: body.to };
    },
  },
  works: {
    remind: async ({ job, complete }, { db, notices }) =>
      db.transaction(async (tx) => {
        await notices.in(tx).send({ to: job.application, role: "" });
        await complete(tx);
      }),
  },
});
