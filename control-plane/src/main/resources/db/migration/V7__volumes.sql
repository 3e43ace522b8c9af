-- Local volumes of services: where the data is.

create table volumes (
  id               uuid primary key,
  organization_id  uuid not null references organizations,
  cluster_id       uuid not null references clusters,
  -- Null when the service is gone; its name stays for people.
  service_id       uuid,
  service_name     text not null,
  name             text not null,
  -- No reference: data on a worker that was removed for good is still not anywhere else.
  worker_id        uuid not null,
  worker_name      text not null,
  -- Since when no service can use it: its service is gone or was given empty volumes.
  kept_since       timestamptz,
  kept_because     text not null default '',
  generation       bigint not null default 1,
  removing         boolean not null default false,
  revision         bigint not null default 0,
  observed_state   text not null default 'PENDING',
  observed_message text not null default '',
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  foreign key (organization_id, service_id) references container_services (organization_id, id) on delete set null (service_id)
);
create unique index volumes_bound on volumes (service_id, name) where kept_since is null;
create index volumes_organization on volumes (organization_id, id);
create index volumes_removing on volumes (worker_id) where removing;
create trigger touch before update on volumes for each row execute function touch_updated_at();

alter table container_services
  -- When a user asked last to start elsewhere with empty volumes; null when that is done or void.
  add column abandon_requested_at timestamptz;
