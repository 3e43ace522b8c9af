-- Money that comes in over a payment provider or by hand, and what goes back of it. docs/billing.md, "Payments".

create table payments (
  id                uuid primary key,
  organization_id   uuid not null,
  provider          text not null check (provider in ('STRIPE', 'PAYPAL', 'MANUAL')),
  -- The provider's id of the checkout; of money that came by hand, what the admin gave.
  reference         text not null check (length(reference) between 1 and 255),
  -- The provider's id of the money itself; null while it is not paid.
  capture           text check (length(capture) between 1 and 255),
  amount            bigint not null check (amount > 0),
  currency          text not null check (currency ~ '^[A-Z]{3}$'),
  state             text not null check (state in ('PENDING', 'PAID', 'FAILED', 'EXPIRED', 'REFUNDED', 'CHARGED_BACK')),
  -- The sums of its reversals that are not undone.
  refunded          bigint not null default 0 check (refunded >= 0),
  charged_back      bigint not null default 0 check (charged_back >= 0),
  url               text not null default '',
  failure           text not null default '',
  -- Name of who began it.
  author            text not null,
  created_at        timestamptz not null default now(),
  paid_at           timestamptz,
  expires_at        timestamptz,
  -- When the provider is asked next; null for never.
  next_look_at      timestamptz,
  -- The movement that brought the money.
  transaction_id    bigint,
  check (refunded + charged_back <= amount),
  check ((transaction_id is null) = (paid_at is null)),
  unique (provider, reference)
);
create unique index payments_capture on payments (provider, capture) where capture is not null;
create index payments_organization on payments (organization_id, id);
create index payments_due on payments (next_look_at) where next_look_at is not null;

-- What went back of payments.
create table payment_reversals (
  id                uuid primary key,
  organization_id   uuid not null,
  payment_id        uuid not null references payments,
  kind              text not null check (kind in ('REFUND', 'CHARGEBACK')),
  -- The provider's id; null while the provider did not say it.
  reference         text check (length(reference) between 1 and 255),
  amount            bigint not null check (amount > 0),
  state             text not null check (state in ('ASKED', 'DONE', 'UNDONE')),
  reason            text not null default '',
  -- Name of who asked; empty for what began at the provider.
  author            text not null default '',
  created_at        timestamptz not null default now(),
  -- The movement that took the money.
  transaction_id    bigint not null
);
create index payment_reversals_payment on payment_reversals (payment_id, id);
create unique index payment_reversals_reference on payment_reversals (payment_id, reference) where reference is not null;

-- Events of providers that were applied, in the transaction of their effect.
create table payment_events (
  provider          text not null,
  event_id          text not null,
  payment_id        uuid not null,
  received_at       timestamptz not null default now(),
  primary key (provider, event_id)
);
create index payment_events_received on payment_events (received_at);
