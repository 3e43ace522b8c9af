-- Secrets: values sealed outside of the database, versions that never change, and which release has which.

create table container_secrets (
  id               uuid not null,
  organization_id  uuid not null references organizations,
  name             text not null,
  last_version     int not null,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  primary key (organization_id, id),
  unique (organization_id, name)
);
create trigger touch before update on container_secrets for each row execute function touch_updated_at();

create table container_secret_versions (
  organization_id  uuid not null,
  secret_id        uuid not null,
  number           int not null,
  -- The value under a key of its own, and that key under the master key with this id.
  ciphertext       bytea not null,
  wrapped_key      bytea not null,
  key_id           text not null,
  size_bytes       int not null,
  -- Text without NUL: can be an environment variable.
  is_text          boolean not null,
  created_by       text not null,
  superseded_at    timestamptz,
  created_at       timestamptz not null default now(),
  primary key (organization_id, secret_id, number),
  foreign key (organization_id, secret_id) references container_secrets on delete cascade
);
create index container_secret_versions_key on container_secret_versions (key_id);
create index container_secret_versions_superseded on container_secret_versions (superseded_at) where superseded_at is not null;

create table container_service_secrets (
  organization_id  uuid not null,
  service_id       uuid not null,
  release_id       uuid not null,
  -- As in the release's spec.
  position         int not null,
  secret_id        uuid not null,
  number           int not null,
  -- Exactly one of both.
  variable         text not null default '',
  path             text not null default '',
  mode             int not null default 0,
  uid              int not null default 0,
  gid              int not null default 0,
  primary key (release_id, position),
  check ((variable = '') <> (path = '')),
  foreign key (organization_id, service_id) references container_services (organization_id, id) on delete cascade,
  foreign key (organization_id, release_id) references releases (organization_id, id) on delete cascade,
  -- Not on delete: who deletes a version has to know that nothing has it.
  foreign key (organization_id, secret_id, number) references container_secret_versions
);
create index container_service_secrets_secret on container_service_secrets (organization_id, secret_id, number);
create index container_service_secrets_service on container_service_secrets (service_id);

-- Each replica stops before its successor starts.
alter table releases add column stop_first boolean not null default false;
