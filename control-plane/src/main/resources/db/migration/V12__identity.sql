-- How people show who they are. Of everything that somebody carries only a hash is kept.

alter table users
  -- argon2id as a PHC string; null until its owner sets one.
  add column password_hash text;

create table user_sessions (
  id              uuid primary key,
  user_id         uuid not null references users on delete cascade,
  secret_hash     bytea not null,
  created_at      timestamptz not null default now(),
  -- When its owner last proved who they are.
  confirmed_at    timestamptz not null default now(),
  last_used_at    timestamptz not null default now(),
  expires_at      timestamptz not null,
  ended_at        timestamptz,
  client_address  text not null,
  client          text not null
);
create index user_sessions_user on user_sessions (user_id, id);

-- With one of these a password is set, once.
create table password_codes (
  user_id      uuid primary key references users on delete cascade,
  secret_hash  bytea not null unique,
  expires_at   timestamptz not null
);

-- The key is a hash of what is counted: an account and an address, an address, an account.
create table login_attempts (
  key       bytea primary key,
  attempts  int not null,
  ends_at   timestamptz not null
);
create index login_attempts_ends on login_attempts (ends_at);

-- A second factor. Its secret is sealed; a time step counts once.
create table user_totp (
  user_id       uuid primary key references users on delete cascade,
  sealed        bytea not null,
  confirmed_at  timestamptz,
  last_step     bigint not null default 0
);

create table recovery_codes (
  user_id    uuid not null references users on delete cascade,
  code_hash  bytea not null,
  primary key (user_id, code_hash)
);

create table invitations (
  id               uuid primary key,
  organization_id  uuid not null references organizations on delete cascade,
  role             text not null check (role in ('VIEWER', 'DEPLOYER', 'OPERATOR', 'ADMIN', 'BILLING')),
  -- For whom, as the inviter wrote it.
  email            text not null,
  secret_hash      bytea not null unique,
  invited_by       text not null,
  created_at       timestamptz not null default now(),
  expires_at       timestamptz not null,
  accepted_at      timestamptz,
  accepted_by      uuid references users on delete set null,
  revoked_at       timestamptz
);
create index invitations_organization on invitations (organization_id, id);

-- Who somebody is elsewhere: never by e-mail.
create table user_identities (
  issuer      text not null,
  subject     text not null,
  user_id     uuid not null references users on delete cascade,
  created_at  timestamptz not null default now(),
  primary key (issuer, subject)
);
create index user_identities_user on user_identities (user_id);

-- Logins over an identity provider that are under way: where the browser comes back with the state, and who began it
-- has the verifier, and gets the grant from the browser.
create table sso_logins (
  state_hash     bytea primary key,
  verifier_hash  bytea not null,
  grant_hash     bytea unique,
  -- What the provider's answer is checked with, then what it said.
  sealed         bytea not null,
  -- Of somebody who is signed in and wants to be known by it.
  link_to        uuid references users on delete cascade,
  expires_at     timestamptz not null
);
create index sso_logins_ends on sso_logins (expires_at);
