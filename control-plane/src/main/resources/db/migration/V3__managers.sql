-- Several managers of a Swarm, and what to do when too many of them are gone.

alter table container_workers
  -- Whether it shall be a manager of the Swarm; swarm_manager says whether it is one.
  add column manager_wanted      boolean not null default false,
  -- Why its engine, a manager's, cannot change the Swarm; empty when it can or is no manager.
  add column control_error       text not null default '',
  add column control_error_since timestamptz,
  -- Node of a Swarm that its engine has to leave; no other node id is ever left.
  add column forget_node         text not null default '',
  drop column rejoin_generation;

alter table clusters
  -- Revision with which manager_worker_id changed last: older sets do not lead to newer ones.
  add column owner_revision       bigint not null default 0,
  -- Of recovery_generation, what is done.
  add column recovered_generation bigint not null default 0,
  -- Whether people were told that too few managers are left.
  add column announced_leaderless boolean not null default false;

update container_workers w set manager_wanted = true from clusters c where c.manager_worker_id = w.id;
-- By node id: state, manager, reachable, leader, address. The owner's agent tells them again.
update clusters set swarm_nodes = '{}';
