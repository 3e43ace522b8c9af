package dev.skep.controlplane.ledger;

/** Where money of an organization is; docs/billing.md says what a plus means for each. */
public enum Account {
  WALLET,
  RECEIVABLE,
  REVENUE,
  FUNDING,
  PROMOTION
}
