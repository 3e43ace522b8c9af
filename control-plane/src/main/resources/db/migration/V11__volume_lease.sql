-- Until when workers run copies of services that may start elsewhere with empty volumes.

alter table container_workers
  -- When its agent has certainly stopped those copies unless it is granted more, by this database's clock; written
  -- before the agent hears of its lease.
  add column volume_copies_until timestamptz,
  -- Services whose copies the agent is known to stop by itself when the lease ends.
  add column volume_leased      uuid[] not null default '{}';

create index volumes_worker on volumes (worker_id) where kept_since is null;
