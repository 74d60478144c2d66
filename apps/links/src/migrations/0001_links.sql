-- One table each, not yet partitioned: a unique code over partitions by id would need a second table to keep it
-- unique, which pays from some hundred million links on.

create table link (
  id bigint primary key,
  -- "C": codes are compared byte by byte, `a` is not `A`.
  code text collate "C" not null unique check (code ~ '^[A-Za-z0-9_-]{3,64}$'),
  workspace text not null,
  target text not null check (length(target) between 1 and 2048),
  state text not null default 'active' check (state in ('active', 'archived')),
  version integer not null default 1 check (version >= 1),
  created_at timestamptz not null
);

create index link_of_workspace on link (workspace, id desc);

create table link_version (
  link_id bigint not null references link on delete cascade,
  version integer not null check (version >= 1),
  target text not null,
  created_at timestamptz not null,
  primary key (link_id, version)
);

-- The key of the permutation that makes codes of ids: made here, once in the life of the data. Two random UUIDs hold
-- 244 bits from PostgreSQL's strong source of randomness.
create table code_key (
  one_row boolean primary key default true check (one_row),
  key bytea not null check (length(key) = 32)
);

insert into code_key (key) values (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- The next id that no instance has been given. 3521614606208 is 62^7: there are no more codes of 7 characters.
create table id_lease (
  one_row boolean primary key default true check (one_row),
  next bigint not null check (next <= 3521614606208)
);

insert into id_lease (next) values (1);
