package dev.skep.controlplane.ledger;

/**
 * One line of a movement.
 *
 * @param amount micro-units, not 0; the lines of a movement add up to zero
 */
public record Entry(Account account, long amount) {}
