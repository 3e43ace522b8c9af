package dev.skep.controlplane.audit;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.rpc.Caller;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;

/**
 * One call as it is kept.
 *
 * @param at PostgreSQL's clock, in microseconds
 * @param sequence place in the chain; 0 until it has one
 * @param outcome DONE, or the reason of a refusal
 */
record AuditEntry(
    UUID id,
    Instant at,
    UUID organization,
    UUID user,
    String userName,
    String tokenName,
    Call call,
    String outcome,
    String message,
    long sequence) {
  static final String DONE = "DONE";

  /**
   * What was asked for.
   *
   * @param address where the call came from
   * @param resource what it was about
   * @param request JSON without values of variables and secrets
   * @param before JSON of what it changed, as it was; empty where that is not kept
   */
  record Call(
      String address,
      String requestId,
      String action,
      String resource,
      String request,
      String before) {}

  static AuditEntry of(
      UUID id,
      Caller caller,
      OrganizationId organization,
      Call call,
      String outcome,
      String message) {
    return new AuditEntry(
        id,
        Instant.EPOCH,
        organization.value(),
        caller.user().value(),
        caller.userName(),
        caller.tokenName(),
        call,
        outcome,
        message,
        0);
  }

  static AuditEntry of(ResultSet row) throws SQLException {
    return new AuditEntry(
        row.getObject("id", UUID.class),
        row.getTimestamp("at").toInstant(),
        row.getObject("organization_id", UUID.class),
        row.getObject("user_id", UUID.class),
        row.getString("user_name"),
        row.getString("token_name"),
        new Call(
            row.getString("client_address"),
            row.getString("request_id"),
            row.getString("action"),
            row.getString("resource"),
            row.getString("request"),
            row.getString("before")),
        row.getString("outcome"),
        row.getString("message"),
        row.getLong("sequence"));
  }
}
