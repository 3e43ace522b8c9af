-- A cluster that keeps its word: upkeep of workers, several managers, images on workers, rollouts.

alter table container_workers
  add column taints            text[] not null default '{}',
  add column availability      text not null default 'ACTIVE' check (availability in ('ACTIVE', 'CORDONED', 'DRAINING', 'REMOVED')),
  -- When a drain that is not done gives up start-first and takes the rest down, if it is forced.
  add column drain_deadline    timestamptz,
  add column drain_force       boolean not null default false,
  -- When the session opened or ended.
  add column connected_since   timestamptz not null default now(),
  add column swarm_manager     boolean not null default false,
  -- Whether the other managers reach it; of a plain worker always true.
  add column swarm_reachable   boolean not null default true,
  add column swarm_state_since timestamptz not null default now(),
  -- Since when more than the threshold is used, without a break; null when it is not.
  add column cpu_pressure_since    timestamptz,
  add column memory_pressure_since timestamptz,
  add column disk_pressure_since   timestamptz,
  -- Grows when a user wants the agent's certificate renewed.
  add column certificate_generation bigint not null default 0,
  -- The recovery of the Swarm after which this engine has to leave and join again.
  add column rejoin_generation bigint not null default 0;

alter table clusters
  -- Grows with every change of manager_worker_id, the worker whose agent gets the cluster's objects.
  add column owner_epoch         bigint not null default 0,
  -- Why the Swarm cannot be changed, in the owner's words; empty when it can.
  add column control_error       text not null default '',
  add column control_error_since timestamptz,
  add column recovery_generation bigint not null default 0,
  add column recovery_worker_id  uuid references container_workers (id) on delete set null;

-- Images that workers have or shall have: pulled before a placement needs them, deleted when no release does.
create table worker_images (
  worker_id        uuid not null references container_workers on delete cascade,
  -- name@sha256:…
  image            text not null,
  generation       bigint not null default 1,
  removing         boolean not null default false,
  revision         bigint not null,
  observed_state   text not null default 'PENDING',
  observed_code    text not null default '',
  observed_message text not null default '',
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  primary key (worker_id, image)
);
create index worker_images_revision on worker_images (worker_id, revision);

alter table container_services
  -- Strategy, migration and rollout: what concerns the system, not the containers, and so makes no release.
  add column policy            jsonb not null
    default '{"strategy": "SPREAD", "migration": "AUTOMATIC", "rollout": {"maxParallel": 0, "keepFailed": false}}',
  -- The last release of which a deployment ran: what a rollback goes back to.
  add column good_release_id   uuid,
  -- Why replicas have no place, as the leader sees it; empty when they have.
  add column waiting_for       text not null default '',
  add column migrate_requested_at timestamptz;

alter table releases
  -- One of the newest ten, or needed: its images are kept and it can be rolled back to.
  add column kept boolean not null default true;

alter table container_deployments
  add column cancel_requested_at timestamptz,
  -- Replicas that were wanted before it scaled the service; 0 when it did not.
  add column replicas_before     int not null default 0;

-- What people should know without asking. organization_id is null when it concerns the whole platform.
create table notifications (
  id               uuid primary key,
  organization_id  uuid references organizations on delete cascade,
  severity         text not null check (severity in ('INFO', 'WARNING', 'CRITICAL')),
  -- Stable word for programs, for example worker_lost.
  type             text not null,
  -- Name of the worker, service or cluster.
  subject          text not null,
  message          text not null,
  created_at       timestamptz not null default now()
);
create index notifications_organization on notifications (organization_id, id desc);

create trigger touch before update on worker_images for each row execute function touch_updated_at();

-- Upkeep of workers: what their machines use, and what people were told of them.
alter table container_workers
  add column cpu_percent         real,
  add column memory_percent      real,
  add column disk_percent        real,
  -- Of certificate_generation, what the agent has done.
  add column renewed_generation  bigint not null default 0,
  add column announced_state     text not null default '',
  add column announced_pressure  text[] not null default '{}';
alter table clusters
  -- Since when most of its workers are not seen at once; null when they are.
  add column unseen_since        timestamptz,
  add column announced_blind     boolean not null default false;

-- Images on workers. The engine's name of a release's image, as ImageReference.pinned in Java makes it:
-- here, too, because rows of releases that were made before have to have it, and statements join by it.
create function pinned_image(image text, digest text) returns text language sql immutable strict as $$
  select case
           when name ~ '^docker\.io/[^/]+$' then regexp_replace(name, '^docker\.io/', 'docker.io/library/')
           when name ~ '^docker\.io/' then name
           when name ~ '^registry-1\.docker\.io/' then regexp_replace(name, '^registry-1\.docker\.io/', 'docker.io/')
           when name ~ ('^(localhost(:[0-9]{1,5})?'
                        || '|[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+(:[0-9]{1,5})?'
                        || '|[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?:[0-9]{1,5})/') then name
           when name ~ '/' then 'docker.io/' || name
           else 'docker.io/library/' || name
         end || '@' || digest
  from (select regexp_replace(regexp_replace(image, '@.*$', ''), ':[^/:]*$', '') as name) n
$$;
alter table releases
  add column image text generated always as (pinned_image(spec ->> 'image', image_digest)) stored;
create index releases_image on releases (image) where kept;
create index releases_service on releases (service_id) where kept;
create index worker_images_image on worker_images (image);
insert into worker_images (worker_id, image, revision)
select distinct p.worker_id, r.image, c.revision
from placements p join releases r on r.id = p.release_id join clusters c on c.id = p.cluster_id
where not p.removing;
