-- Secrets are counted anew as well. Builds have no rows yet.
create or replace view quota_truth (organization_id, resource, amount) as
select o.id, r.resource, coalesce(t.amount, 0)::bigint
from organizations o
cross join (values ('SERVICES'), ('REPLICAS'), ('CPU'), ('MEMORY'), ('STORAGE'), ('PORTS'), ('SECRETS')) r (resource)
left join (
  select organization_id, resource, sum(amount) as amount
  from (
    select s.organization_id, a.resource, a.amount
    from (select organization_id, count(*) as services, sum(replicas) as replicas, sum(cpu) as cpu, sum(memory) as memory,
                 sum(ports) as ports, sum(unbound_bytes) as storage
          from service_takes group by organization_id) s
    cross join lateral (values ('SERVICES', s.services), ('REPLICAS', s.replicas), ('CPU', s.cpu), ('MEMORY', s.memory),
                               ('PORTS', s.ports), ('STORAGE', s.storage)) a (resource, amount)
    union all
    select organization_id, 'STORAGE', sum(size_bytes) from volumes group by organization_id
    union all
    select organization_id, 'SECRETS', count(*) from container_secrets group by organization_id
  ) parts
  group by organization_id, resource
) t on t.organization_id = o.id and t.resource = r.resource;
