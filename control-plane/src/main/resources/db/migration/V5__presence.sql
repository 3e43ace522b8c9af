-- Which control planes are there. A row that is not renewed goes, and its sessions with it.
create table control_planes (
  id               uuid primary key,
  -- host:port at which agents reach it.
  agent_endpoints  text[] not null,
  -- URL at which people reach it.
  client_url       text not null,
  version          text not null,
  started_at       timestamptz not null default clock_timestamp(),
  seen_at          timestamptz not null default clock_timestamp()
);

alter table container_workers
  -- Who holds its session. Opening one holds off the end of that row, so no session is left without.
  add column control_plane_id uuid references control_planes (id) on delete set null;
