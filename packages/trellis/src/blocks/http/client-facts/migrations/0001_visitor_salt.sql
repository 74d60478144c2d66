-- What makes one day's visitors incomparable with another day's, once it is thrown away.
create table trellis.visitor_salt (
  -- Of UTC, since 1970.
  day integer primary key,
  salt bytea not null check (length(salt) = 32)
);
