-- How much each organization may take, and takes.

-- What new organizations get; null means unlimited.
create table quota_defaults (
  resource  text primary key,
  amount    bigint check (amount >= 0)
);
insert into quota_defaults (resource)
values ('SERVICES'), ('REPLICAS'), ('CPU'), ('MEMORY'), ('STORAGE'), ('SECRETS'), ('BUILDS'), ('PORTS'), ('API_REQUESTS');

create table quotas (
  organization_id  uuid not null references organizations on delete cascade,
  resource         text not null references quota_defaults,
  -- The limit; null means unlimited.
  amount           bigint check (amount >= 0),
  -- May be above the limit: a limit can be lowered, and what the system does by itself is not refused.
  used             bigint not null default 0 check (used >= 0),
  -- Another limit for some time; null there means unlimited.
  override_amount  bigint check (override_amount >= 0),
  override_until   timestamptz,
  override_reason  text not null default '',
  override_by      text not null default '',
  -- Percent of the limit that people were told of last.
  announced        int not null default 0 check (announced in (0, 80, 90)),
  -- Since more is used than the limit allows: until when that is tolerated, and whether its end was told.
  grace_until      timestamptz,
  grace_told       boolean not null default false,
  primary key (organization_id, resource),
  check ((override_until is null) = (override_reason = ''))
) with (fillfactor = 50);

-- The limit that holds now.
create function quota_limit(q quotas) returns bigint language sql stable as $$
  select case when q.override_until > now() then q.override_amount else q.amount end
$$;

create function give_quotas() returns trigger language plpgsql as $$
begin
  insert into quotas (organization_id, resource, amount) select new.id, resource, amount from quota_defaults;
  return new;
end $$;
create trigger give_quotas after insert on organizations for each row execute function give_quotas();

-- What a replica of a release reserves, readable without its spec.
alter table releases
  add column cpu_millis   bigint generated always as (coalesce((spec #>> '{resources,cpuMillis}')::bigint, 0)) stored,
  add column memory_bytes bigint generated always as (coalesce((spec #>> '{resources,memoryBytes}')::bigint, 0)) stored,
  add column host_ports   int generated always as
    (jsonb_array_length(jsonb_path_query_array(spec, '$.ports[*] ? (@.hostPort > 0)'))) stored,
  add column volumes      jsonb generated always as (spec -> 'volumes') stored;

-- Local volumes have no size that an engine would hold them to: each counts as 10 GiB.
alter table volumes add column size_bytes bigint not null default 10737418240;
create index volumes_service on volumes (service_id);

-- What each service takes. A volume that it names counts before it is anywhere (unbound), and then as a row.
create view service_takes with (security_invoker = true) as
select s.id as service_id, s.organization_id,
       n.replicas, n.replicas * coalesce(r.cpu_millis, 0) as cpu, n.replicas * coalesce(r.memory_bytes, 0) as memory,
       n.replicas * coalesce(r.host_ports, 0) as ports,
       case when jsonb_array_length(coalesce(r.volumes, '[]')) = 0 then 0
            else (select count(*) * 10737418240 from jsonb_array_elements(r.volumes) m
                  where not exists (select 1 from volumes v
                                    where v.service_id = s.id and v.kept_since is null and v.name = m ->> 'name'))
       end as unbound_bytes,
       (select coalesce(sum(v.size_bytes), 0) from volumes v where v.service_id = s.id) as bound_bytes
from container_services s
cross join lateral (select case when s.wanted = 'RUNNING' then s.replicas else 0 end::bigint as replicas) n
left join releases r on r.id = s.release_id;

-- What quotas.used has to be. A resource that is not here is counted by nobody else than those who reserve it.
create view quota_truth (organization_id, resource, amount) as
select o.id, r.resource, coalesce(t.amount, 0)::bigint
from organizations o
cross join (values ('SERVICES'), ('REPLICAS'), ('CPU'), ('MEMORY'), ('STORAGE'), ('PORTS')) r (resource)
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
  ) parts
  group by organization_id, resource
) t on t.organization_id = o.id and t.resource = r.resource;

-- Rows of volumes are deleted when their data is: by an agent's word, or because the worker is gone.
create function give_back_storage() returns trigger language plpgsql as $$
begin
  update quotas set used = greatest(0, used - old.size_bytes)
  where organization_id = old.organization_id and resource = 'STORAGE';
  return old;
end $$;
create trigger give_back_storage after delete on volumes for each row execute function give_back_storage();

insert into quotas (organization_id, resource, amount, used)
select o.id, d.resource, d.amount, coalesce(t.amount, 0)
from organizations o cross join quota_defaults d
left join quota_truth t on t.organization_id = o.id and t.resource = d.resource;
