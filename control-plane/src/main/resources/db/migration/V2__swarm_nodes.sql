-- What the manager said last of each node, by node id: a node may be in its list before its own agent
-- has told which worker it is.
alter table clusters add column swarm_nodes jsonb not null default '{}';
