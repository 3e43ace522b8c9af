package dev.skep.controlplane.kernel;

import java.util.List;

/** The one exception that reaches a client: a reason, a sentence, and the fields that are wrong. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final transient List<FieldViolation> fields;

  public Refusal(Reason reason, String message) {
    this(reason, message, List.of());
  }

  public Refusal(Reason reason, String message, List<FieldViolation> fields) {
    super(message);
    this.reason = reason;
    this.fields = List.copyOf(fields);
  }

  /** A refusal that is about exactly one field. */
  public static Refusal ofField(Reason reason, String field, String description) {
    return new Refusal(
        reason, field + ": " + description, List.of(new FieldViolation(field, description)));
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
}
