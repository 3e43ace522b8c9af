-- Every tenant row carries its organization, and its keys point to rows of the same organization:
-- a foreign key over (organization_id, id) makes a cross-tenant reference impossible.

create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

create table organizations (
  id          uuid primary key,
  name        text not null unique,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now()
);

create table users (
  id               uuid primary key,
  organization_id  uuid not null references organizations,
  name             text not null,
  role             text not null check (role in ('admin')),
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  unique (organization_id, name),
  unique (organization_id, id)
);

create table api_tokens (
  id               uuid primary key,
  organization_id  uuid not null,
  user_id          uuid not null,
  name             text not null,
  secret_hash      bytea not null,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  expires_at       timestamptz,
  revoked_at       timestamptz,
  foreign key (organization_id, user_id) references users (organization_id, id)
);

create table leases (
  name        text primary key,
  holder      uuid not null,
  epoch       bigint not null,
  expires_at  timestamptz not null
);

-- Bytes that are sealed with the master key: the CA's private key, Swarm join tokens.
create table sealed_values (
  name        text primary key,
  ciphertext  bytea not null,
  public_part bytea
);

create table clusters (
  id                  uuid primary key,
  name                text not null unique,
  swarm_id            text not null default '',
  manager_worker_id   uuid,
  manager_address     text not null default '',
  -- What the manager said last of each node, by node id: a node may be in its list before its own
  -- agent has told which worker it is.
  swarm_nodes         jsonb not null default '{}',
  worker_join_token   bytea,
  manager_join_token  bytea,
  -- Grows when the manager, its address or its join tokens change.
  membership_generation bigint not null default 1,
  -- Grows with every change of an assignment; holding the row orders the changes.
  revision            bigint not null default 0,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now()
);

create table join_tokens (
  id           uuid primary key,
  cluster_id   uuid not null references clusters,
  secret_hash  bytea not null,
  roles        text[] not null,
  uses_left    int not null check (uses_left >= 0),
  expires_at   timestamptz not null,
  revoked_at   timestamptz,
  created_at   timestamptz not null default now()
);

create table container_workers (
  id                      uuid primary key,
  cluster_id              uuid not null references clusters,
  name                    text not null unique,
  roles                   text[] not null,
  labels                  jsonb not null default '{}',
  facts                   jsonb not null,
  public_key_hash         bytea not null unique,
  join_token_id           uuid not null references join_tokens,
  swarm_node_id           text not null default '',
  swarm_node_state        text not null default '',
  swarm_error             text not null default '',
  session_epoch           bigint not null default 0,
  connected               boolean not null default false,
  last_heartbeat_at       timestamptz not null default now(),
  reserved_cpu_millis     bigint not null default 0,
  reserved_memory_bytes   bigint not null default 0,
  replicas                int not null default 0,
  created_at              timestamptz not null default now(),
  updated_at              timestamptz not null default now()
);
create index container_workers_cluster on container_workers (cluster_id);
alter table clusters add foreign key (manager_worker_id) references container_workers (id) on delete set null;

create table networks (
  id               uuid primary key,
  organization_id  uuid not null references organizations,
  cluster_id       uuid not null references clusters,
  subnet           cidr not null,
  generation       bigint not null default 1,
  -- The organization has no service left in the cluster.
  removing         boolean not null default false,
  revision         bigint not null,
  observed_state   text not null default 'PENDING',
  observed_message text not null default '',
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  unique (cluster_id, subnet),
  unique (cluster_id, organization_id)
);

create table container_services (
  id                   uuid primary key,
  organization_id      uuid not null references organizations,
  cluster_id           uuid not null references clusters,
  name                 text not null,
  wanted               text not null check (wanted in ('RUNNING', 'STOPPED', 'DELETED')),
  replicas             int not null check (replicas between 1 and 1000),
  restart_generation   bigint not null default 0,
  release_id           uuid,
  version              bigint not null default 1,
  last_release_number  int not null default 0,
  last_event_sequence  bigint not null default 0,
  request_id           uuid,
  request_hash         bytea,
  created_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  unique (organization_id, name),
  unique (organization_id, id),
  unique (organization_id, request_id)
);

create table releases (
  id               uuid primary key,
  organization_id  uuid not null,
  service_id       uuid not null,
  number           int not null,
  image_digest     text not null,
  spec             jsonb not null,
  created_at       timestamptz not null default now(),
  unique (service_id, number),
  unique (organization_id, id),
  foreign key (organization_id, service_id) references container_services (organization_id, id) on delete cascade
);
alter table container_services add foreign key (organization_id, release_id) references releases (organization_id, id) deferrable initially deferred;

create table container_deployments (
  id               uuid primary key,
  organization_id  uuid not null,
  service_id       uuid not null,
  release_id       uuid not null,
  state            text not null,
  cause            text not null,
  reason           text not null default '',
  phase_since      timestamptz not null default now(),
  ended_at         timestamptz,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  foreign key (organization_id, service_id) references container_services (organization_id, id) on delete cascade,
  foreign key (organization_id, release_id) references releases (organization_id, id)
);
create unique index container_deployments_active on container_deployments (service_id) where ended_at is null;
create index container_deployments_service on container_deployments (organization_id, service_id, id desc);

create table deployment_events (
  organization_id  uuid not null,
  service_id       uuid not null,
  sequence         bigint not null,
  deployment_id    uuid,
  type             text not null,
  message          text not null,
  created_at       timestamptz not null default now(),
  primary key (service_id, sequence),
  foreign key (organization_id, service_id) references container_services (organization_id, id) on delete cascade
);

create table placements (
  id                   uuid primary key,
  organization_id      uuid not null,
  service_id           uuid not null,
  cluster_id           uuid not null references clusters,
  worker_id            uuid not null references container_workers,
  release_id           uuid not null,
  replicas             int not null,
  generation           bigint not null default 1,
  restart_generation   bigint not null,
  removing             boolean not null default false,
  revision             bigint not null,
  cpu_millis           bigint not null,
  memory_bytes         bigint not null,
  host_ports           int[] not null default '{}',
  -- Swarm node that it was rendered for.
  pinned_node          text not null,
  observed_generation  bigint not null default 0,
  observed_state       text not null default 'PENDING',
  observed_code        text not null default '',
  observed_message     text not null default '',
  observed_tasks       jsonb not null default '[]',
  created_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  unique (service_id, worker_id),
  foreign key (organization_id, service_id) references container_services (organization_id, id),
  foreign key (organization_id, release_id) references releases (organization_id, id)
);
create index placements_worker on placements (worker_id);
create index placements_revision on placements (cluster_id, revision);
create index networks_revision on networks (cluster_id, revision);

-- Log lines in compressed chunks; a day is dropped, never deleted row by row.
create table log_chunks (
  organization_id  uuid not null,
  service_id       uuid not null,
  first_cursor     bigint not null,
  last_cursor      bigint not null,
  container_id     text not null,
  last_time        timestamptz not null,
  body             bytea not null,
  stored_on        date not null,
  primary key (service_id, first_cursor, stored_on)
) partition by range (stored_on);
create table log_chunks_default partition of log_chunks default;

create table log_heads (
  service_id   uuid primary key,
  last_cursor  bigint not null
);

-- How far the log of each container is stored: what makes a line arrive once.
create table log_positions (
  container_id  text primary key,
  service_id    uuid not null,
  next_offset   bigint not null,
  -- Offset of the last gap that was told; -1 for none.
  gap_offset    bigint not null default -1,
  updated_at    timestamptz not null default now()
);

-- What each container used when it was last asked; counters start with the container.
create table container_usage (
  container_id      text primary key,
  worker_id         uuid not null references container_workers on delete cascade,
  placement_id      uuid not null,
  cpu_nanos         bigint not null,
  memory_bytes      bigint not null,
  network_rx_bytes  bigint not null,
  network_tx_bytes  bigint not null,
  observed_at       timestamptz not null
);

do $$
declare t text;
begin
  foreach t in array array['organizations', 'users', 'api_tokens', 'clusters', 'container_workers', 'networks',
                           'container_services', 'container_deployments', 'placements'] loop
    execute format('create trigger touch before update on %I for each row execute function touch_updated_at()', t);
  end loop;
end $$;
