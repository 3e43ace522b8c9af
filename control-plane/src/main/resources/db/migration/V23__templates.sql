-- Templates: services with blanks, of an organization or, without one, of the platform.

create table application_templates (
  id               uuid primary key,
  organization_id  uuid references organizations on delete cascade,
  name             text not null,
  -- Written at the start of a control plane, from its own files.
  built_in         boolean not null default false,
  -- skep.v1.TemplateSpec as JSON.
  spec             jsonb not null,
  version          bigint not null default 1,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  check (organization_id is null or not built_in),
  unique nulls not distinct (organization_id, name)
);
create trigger touch before update on application_templates for each row execute function touch_updated_at();
