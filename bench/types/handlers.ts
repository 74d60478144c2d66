/** The app of the bench: ten services, each with five resources of four routes, and five blocks. */
export const serviceCount = 10;
export const resourceCount = 5;
/** The first resources of a service have a cache each; with its database and a call to another service, five blocks. */
export const cachedCount = 3;

export const routeCount = serviceCount * resourceCount * 4;
export const blockCount = serviceCount * (cachedCount + 2);

export const resources: readonly number[] = Array.from({ length: resourceCount }, (_, index) => index);
export const cachedResources: readonly number[] = resources.slice(0, cachedCount);
export const serviceNames: readonly string[] = Array.from({ length: serviceCount }, (_, index) => `service${index}`);

/** The service that this one calls: the next, and the last one the first. */
export const calledBy = (index: number): string => serviceNames[(index + 1) % serviceCount] as string;

/** One handler's text: what both sides have word for word, whatever types its arguments. */
export interface HandlerText {
  readonly route: string;
  readonly request: string;
  readonly use: string;
  readonly body: string;
}

/** The four handlers of a resource: two with a transaction or a write, two that read. */
export function handlersOf(resource: number): readonly HandlerText[] {
  const hot = resource < cachedCount ? `hot${resource}` : undefined;
  const use = (...names: readonly string[]) => `{ ${["db", ...(hot ? [hot] : []), ...names].join(", ")} }`;
  return [
    { route: `create${resource}`, request: "{ body, actor, now }", use: use(), body: createBody(resource, hot) },
    { route: `read${resource}`, request: "{ params }", use: use(), body: readBody(resource, hot) },
    { route: `list${resource}`, request: "{ query }", use: "{ db }", body: listBody(resource) },
    { route: `change${resource}`, request: "{ params, body, log }", use: use("peer"), body: changeBody(resource, hot) },
  ];
}

const createBody = (resource: number, hot: string | undefined) => `{
    return db.transaction(async (tx) => {
      const row = { id: \`\${actor.workspace}-\${now()}\`, version: 1, ...body };
      const inserted = await db
        .in(tx)
        .insertInto("thing${resource}")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 0n) return Taken${resource}({ name: body.name });${
        hot ? `\n      await ${hot}.in(tx).delete(row.id);` : ""
      }
      return row;
    });
  }`;

const selectOne = (resource: number) =>
  `db.replica.selectFrom("thing${resource}").selectAll().where("id", "=", params.id).executeTakeFirst()`;

const readBody = (resource: number, hot: string | undefined) => `{
    const found = await ${hot ? `${hot}.getOrLoad(params.id, () => ${selectOne(resource)})` : selectOne(resource)};
    return found ?? Unknown${resource}({ id: params.id });
  }`;

const listBody = (resource: number) => `{
    const found = await db.replica
      .selectFrom("thing${resource}")
      .selectAll()
      .where("priority", ">=", query.least)
      .orderBy("id")
      .limit(query.limit)
      .execute();
    return { things: found, next: found.at(-1)?.id ?? null };
  }`;

const changeBody = (resource: number, hot: string | undefined) => `{
    const asked = await peer.read${resource}.try({ params: { id: params.id } });
    if (!asked.ok && asked.failure.code === "unavailable") log.warn("the peer is away", asked.failure.detail);
    const changed = await db
      .updateTable("thing${resource}")
      .set((row) => ({ name: body.name, priority: body.priority, version: row("version", "+", 1) }))
      .where("id", "=", params.id)
      .returningAll()
      .executeTakeFirst();${hot ? `\n    await ${hot}.delete(params.id);` : ""}
    return changed ?? Unknown${resource}({ id: params.id });
  }`;

/** The tables that both sides tell Kysely about. */
export const tablesText = `interface Tables {
${resources.map((resource) => `  thing${resource}: { id: string; version: number; name: string; priority: number; gift: boolean };`).join("\n")}
}`;
