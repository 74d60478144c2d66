-- The services for which it answers calls of other instances; how its own calls to others go, as it last said.
alter table instance add column answers text[] not null default '{}', add column calls jsonb not null default '[]';
