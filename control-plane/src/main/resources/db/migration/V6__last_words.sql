-- Whose last lines tell why a deployment failed; empty when nobody's do.
alter table container_deployments add column failed_container text not null default '';
