package dev.skep.controlplane.kernel;

import java.time.Duration;
import java.util.List;

/** The one exception that reaches a client: a reason, a sentence, and the fields that are wrong. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final transient List<FieldViolation> fields;
  private final transient List<Shortage> shortages;
  private final Duration retryAfter;

  public Refusal(Reason reason, String message) {
    this(reason, message, List.of());
  }

  public Refusal(Reason reason, String message, List<FieldViolation> fields) {
    this(reason, message, fields, List.of(), Duration.ZERO);
  }

  private Refusal(
      Reason reason,
      String message,
      List<FieldViolation> fields,
      List<Shortage> shortages,
      Duration retryAfter) {
    super(message);
    this.reason = reason;
    this.fields = List.copyOf(fields);
    this.shortages = List.copyOf(shortages);
    this.retryAfter = retryAfter;
  }

  /** A refusal that is about exactly one field. */
  public static Refusal ofField(Reason reason, String field, String description) {
    return new Refusal(
        reason, field + ": " + description, List.of(new FieldViolation(field, description)));
  }

  /** More is asked for than the organization may take. */
  public static Refusal overQuota(String message, List<Shortage> shortages) {
    return new Refusal(Reason.QUOTA_EXCEEDED, message, List.of(), shortages, Duration.ZERO);
  }

  /** Too many calls; the same one may succeed after a while. */
  public static Refusal later(String message, Duration retryAfter) {
    return until(Reason.RATE_LIMITED, message, retryAfter);
  }

  /** Refused for some time. */
  public static Refusal until(Reason reason, String message, Duration retryAfter) {
    return new Refusal(reason, message, List.of(), List.of(), retryAfter);
  }

  /** Throws when any field is wrong; names them all at once. */
  public static void ifAny(List<FieldViolation> fields) {
    if (fields.isEmpty()) {
      return;
    }
    FieldViolation first = fields.getFirst();
    String more = fields.size() == 1 ? "" : " (and " + (fields.size() - 1) + " more)";
    throw new Refusal(
        Reason.INVALID_FIELD, first.field() + ": " + first.description() + more, fields);
  }

  public Reason reason() {
    return reason;
  }

  public List<FieldViolation> fields() {
    return fields;
  }

  /** What there is not enough of. */
  public List<Shortage> shortages() {
    return shortages;
  }

  /** Zero when waiting does not help, or nobody knows for how long. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
