-- Accounts are people, or programs of one organization. What they may do is a role per organization.

create table memberships (
  organization_id  uuid not null references organizations,
  user_id          uuid not null references users,
  role             text not null check (role in ('VIEWER', 'DEPLOYER', 'OPERATOR', 'ADMIN', 'BILLING')),
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index memberships_user on memberships (user_id);
create trigger touch before update on memberships for each row execute function touch_updated_at();

insert into memberships (organization_id, user_id, role) select organization_id, id, 'ADMIN' from users;

-- A token ends with the membership that it is for.
alter table api_tokens
  drop constraint api_tokens_organization_id_user_id_fkey,
  add foreign key (organization_id, user_id) references memberships on delete cascade,
  -- Empty: all that the account may.
  add column permissions text[] not null default '{}',
  add column last_used_at timestamptz;
create index api_tokens_owner on api_tokens (organization_id, user_id);

alter table users
  drop column organization_id,
  drop column role,
  -- Of a program: the organization that it belongs to.
  add column home_organization_id uuid references organizations,
  add column platform_admin boolean not null default false,
  add column disabled_at timestamptz,
  add check (not platform_admin or home_organization_id is null);
update users set platform_admin = true;
create unique index users_name on users (name) where home_organization_id is null;
create unique index users_program_name on users (home_organization_id, name);
