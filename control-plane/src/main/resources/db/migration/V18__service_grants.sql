-- What a member may do on one service, beside what the role in the organization allows.

create table service_grants (
  organization_id  uuid not null,
  service_id       uuid not null,
  user_id          uuid not null,
  role             text not null check (role in ('VIEWER', 'OPERATOR', 'DEPLOYER')),
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  primary key (organization_id, service_id, user_id),
  foreign key (organization_id, service_id) references container_services (organization_id, id) on delete cascade,
  foreign key (organization_id, user_id) references memberships on delete cascade
);
create index service_grants_user on service_grants (organization_id, user_id);
create trigger touch before update on service_grants for each row execute function touch_updated_at();

-- Empty: no service in particular. No foreign key: a token whose services are deleted is for nothing, not for everything.
alter table api_tokens add column service_ids uuid[] not null default '{}';

-- Somebody who may what grants say and nothing else.
alter table memberships
  drop constraint memberships_role_check,
  add check (role in ('VIEWER', 'DEPLOYER', 'OPERATOR', 'ADMIN', 'BILLING', 'MEMBER'));
alter table invitations
  drop constraint invitations_role_check,
  add check (role in ('VIEWER', 'DEPLOYER', 'OPERATOR', 'ADMIN', 'BILLING', 'MEMBER'));

-- By which people name what they are known by, to take it away again.
alter table user_identities add column id uuid not null default gen_random_uuid() unique;
