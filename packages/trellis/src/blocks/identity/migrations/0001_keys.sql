create table trellis.workspace (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  created_at timestamptz not null default now()
);

-- Only a hash of the secret is kept: whoever reads this table can sign in as nobody.
create table trellis.api_key (
  id text primary key,
  secret_hash bytea not null,
  workspace text not null references trellis.workspace,
  scopes text[] not null check (cardinality(scopes) > 0),
  label text not null default '',
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create index api_key_by_workspace on trellis.api_key (workspace, created_at);
