package dev.skep.controlplane.ledger;

/** Why money moves. */
public enum Kind {
  /** An hour of usage; only the closing of hours writes these. */
  CHARGE,
  /** Money came in. */
  TOP_UP,
  /** Credit is given away. */
  CREDIT,
  /** What was charged is given back to the wallet. */
  REFUND,
  /** Money goes back to who paid. */
  PAYOUT,
  /** A payment was taken back by who paid. */
  CHARGEBACK
}
