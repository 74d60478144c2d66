-- One row for each idempotency key that is in use: claimed while its request runs, then with the answer.
create table trellis.once (
  service text not null,
  route text not null,
  actor text not null,
  key text not null,
  request_hash text not null,
  -- Whose run this is, so that one that was taken over cannot store its answer.
  claim uuid not null default gen_random_uuid(),
  -- Until then the claim holds, or the answer is kept.
  until timestamptz not null,
  status smallint,
  headers jsonb,
  body text,
  primary key (service, route, actor, key)
);

create index once_until on trellis.once (until);
