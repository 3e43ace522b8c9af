-- The second wall between organizations, behind every "where organization_id": a call that is about one organization
-- takes the role skep_tenant for its transaction, and sees and writes the rows of that one alone. What the platform
-- does by itself, placing and watching, stays the owner. A test fails when a table with an organization_id is not here.
do $$
declare
  rows_of_one text[] := array[
    'api_tokens', 'application_templates', 'audit_entries', 'call_answers', 'container_billing_cycles', 'container_deployments',
    'container_secret_versions', 'container_secrets', 'container_service_secrets', 'container_services', 'deployment_events',
    'invitations', 'invoice_lines', 'invoices', 'ledger_entries', 'log_chunks', 'memberships', 'meters', 'networks', 'notifications',
    'payment_reversals', 'payment_transactions', 'payments', 'placements', 'quotas', 'releases', 'service_grants', 'usage_counters', 'usage_intervals', 'volumes', 'wallets'];
  one text;
begin
  if not exists (select from pg_roles where rolname = 'skep_tenant') then
    begin
      create role skep_tenant nologin;
    exception
      when duplicate_object or unique_violation then null; -- Another installation on this server was faster.
      when insufficient_privilege then
        raise exception 'the database user % may not create roles; ask an administrator of the database for: create role skep_tenant nologin; grant skep_tenant to %',
          current_user, current_user;
    end;
  end if;
  begin
    perform set_config('role', 'skep_tenant', true);
    perform set_config('role', 'none', true);
  exception
    when insufficient_privilege then execute format('grant skep_tenant to %I', current_user);
  end;

  execute format('grant usage on schema %I to skep_tenant', current_schema());
  grant usage on all sequences in schema public to skep_tenant;

  foreach one in array rows_of_one loop
    execute format('alter table %I enable row level security', one);
    execute format('drop policy if exists organization on %I', one);
    execute format(
      'create policy organization on %I to skep_tenant using (organization_id = (select current_setting(''skep.organization''))::uuid)', one);
    execute format('grant select, insert, update, delete on %I to skep_tenant', one);
  end loop;
end $$;

-- Whoever gives out subnets has to see those that are taken.
drop policy if exists subnets on networks;
create policy subnets on networks for select to skep_tenant using (true);

-- What concerns the whole platform is shown to platform admins; who that is, the query says.
drop policy if exists platform on notifications;
create policy platform on notifications for select to skep_tenant using (organization_id is null);

-- Templates of the platform are everybody's to read.
drop policy if exists platform on application_templates;
create policy platform on application_templates for select to skep_tenant using (organization_id is null);

-- The organization itself is held while its members change.
alter table organizations enable row level security;
drop policy if exists organization on organizations;
create policy organization on organizations to skep_tenant using (id = (select current_setting('skep.organization'))::uuid);
grant select, update on organizations to skep_tenant;

-- People are on the whole platform, programs in one organization.
alter table users enable row level security;
drop policy if exists known on users;
create policy known on users for select to skep_tenant using (true);
drop policy if exists organization on users;
create policy organization on users to skep_tenant
  using (home_organization_id = (select current_setting('skep.organization'))::uuid);
grant select, insert, update, delete on users to skep_tenant;

-- By way of the service or placement, which are walled in.
alter table log_heads enable row level security;
drop policy if exists organization on log_heads;
create policy organization on log_heads for select to skep_tenant
  using (exists (select 1 from container_services s where s.id = service_id));
grant select on log_heads to skep_tenant;
alter table container_usage enable row level security;
drop policy if exists organization on container_usage;
create policy organization on container_usage for select to skep_tenant
  using (exists (select 1 from placements p where p.id = placement_id));
grant select on container_usage to skep_tenant;

-- Machines are everybody's. The revision of a cluster goes up with each change in it.
grant select on container_workers, worker_images to skep_tenant;
grant select, update on clusters to skep_tenant;

-- What a service takes is read with the caller's own rights.
grant select on service_takes to skep_tenant;

-- Prices are everybody's, and what a cycle is made of is read with the caller's own rights.
grant select on price_lists, billing_hours, billed_parts to skep_tenant;
