-- What the entries of a wallet add up to, up to a movement: the hourly check goes on from there.
create table wallet_checks (
  organization_id  uuid primary key,
  transaction_id   bigint not null,
  balance          bigint not null,
  owed             bigint not null
);
-- The platform's alone: no tenant reads it.
alter table wallet_checks enable row level security;
