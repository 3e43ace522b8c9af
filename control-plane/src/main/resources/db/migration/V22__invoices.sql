-- Invoices: one per organization and month of its wallet's time zone, made once all hours of the month are closed. docs/billing.md.

alter table wallets
  -- The last month that is invoiced, and where it ended: the next one begins there, whatever the time zone is then.
  add column invoiced_month date,
  add column invoiced_until timestamptz,
  add check ((invoiced_month is null) = (invoiced_until is null));
create index wallets_invoiced on wallets (invoiced_until);

-- Of when the wallet is held, not of when the transaction began: a refund is in the month whose invoice is not made yet.
alter table payment_transactions alter column created_at set default clock_timestamp();
create index payment_transactions_refunds on payment_transactions (organization_id, created_at) where kind = 'REFUND';

-- Numbers without gaps: taken last, and given back when the transaction fails.
create table invoice_numbers (
  year  int primary key,
  last  int not null
);

create table invoices (
  organization_id    uuid not null,
  -- Its first day, in the time zone.
  month              date not null check (extract(day from month) = 1),
  year               int not null,
  serial             int not null check (serial > 0),
  number             text not null unique generated always as
                       (year::text || '-' || lpad(serial::text, greatest(6, length(serial::text)), '0')) stored,
  start_time         timestamptz not null,
  end_time           timestamptz not null check (end_time > start_time),
  time_zone          text not null,
  organization_name  text not null,
  seller             text not null,
  currency           text not null,
  -- Micro-units.
  total              bigint not null,
  created_at         timestamptz not null,
  primary key (organization_id, month),
  unique (year, serial)
);
create trigger never_changes before update or delete or truncate on invoices for each statement execute function never_changes();

create table invoice_lines (
  organization_id  uuid not null,
  month            date not null,
  line             int not null,
  -- What was used, or REFUND.
  kind             text not null check (kind in ('REPLICAS', 'CPU', 'MEMORY', 'STORAGE', 'EGRESS', 'BUILD', 'REFUND')),
  service_id       uuid,
  service_name     text not null,
  quantity         bigint not null,
  -- Micro-units.
  amount           bigint not null,
  transaction_id   bigint unique,
  description      text not null,
  primary key (organization_id, month, line),
  check ((kind = 'REFUND') = (transaction_id is not null)),
  check ((kind = 'REFUND') = (service_id is null))
);
create trigger never_changes before update or delete or truncate on invoice_lines for each statement execute function never_changes();
