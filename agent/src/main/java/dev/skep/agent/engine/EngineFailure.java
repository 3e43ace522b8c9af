package dev.skep.agent.engine;

/** A call that the engine did not do. Its message is scrubbed and may be shown to people. */
public final class EngineFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What kind of failure. */
  public enum Code {
    ENGINE_DOWN("engine_down"),
    TIMEOUT("engine_timeout"),
    NOT_FOUND("not_found"),
    CONFLICT("conflict"),
    IN_USE("in_use"),
    OUT_OF_SEQUENCE("out_of_sequence"),
    INVALID("invalid"),
    NOT_MANAGER("not_manager"),
    IMAGE_MISSING("image_missing"),
    IMAGE_UNAUTHORIZED("image_unauthorized"),
    REGISTRY_UNREACHABLE("registry_unreachable"),
    IMAGE_PULL_FAILED("image_pull_failed"),
    DISK_FULL("disk_full"),
    UNSUPPORTED("engine_unsupported"),
    ENGINE_ERROR("engine_error");

    private final String word;

    Code(String word) {
      this.word = word;
    }

    /** As it stands in a status. */
    public String word() {
      return word;
    }
  }

  private final Code code;

  public EngineFailure(Code code, String message) {
    super(message);
    this.code = code;
  }

  public EngineFailure(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** Whether nothing is known about the object, because the engine itself does not answer. */
  public boolean engineAway() {
    return code == Code.ENGINE_DOWN || code == Code.TIMEOUT;
  }

  /** Whether the same again is refused again, as long as nobody changes something elsewhere. */
  public boolean refusal() {
    return code == Code.INVALID || code == Code.IMAGE_MISSING || code == Code.IMAGE_UNAUTHORIZED;
  }

  static EngineFailure ofStatus(int status, String rawMessage) {
    String lower = rawMessage.toLowerCase(java.util.Locale.ROOT);
    var code =
        switch (status) {
          case 400 -> lower.contains("in use") ? Code.IN_USE : Code.INVALID;
          case 403 ->
              lower.contains("in use") || lower.contains("active endpoints")
                  ? Code.IN_USE
                  : Code.INVALID;
          case 404 -> Code.NOT_FOUND;
          case 409 -> Code.CONFLICT;
          case 503 -> lower.contains("manager") ? Code.NOT_MANAGER : Code.ENGINE_ERROR;
          default -> Code.ENGINE_ERROR;
        };
    if (lower.contains("update out of sequence")) {
      code = Code.OUT_OF_SEQUENCE;
    } else if (lower.contains("is in use") || lower.contains("active endpoints")) {
      code = Code.IN_USE;
    } else if (status == 400 && lower.contains("secret") && lower.contains("not found")) {
      // Of a service that names one which is gone: it may come again.
      code = Code.NOT_FOUND;
    } else if (lower.contains("already exists") || lower.contains("name conflicts")) {
      code = Code.CONFLICT;
    }
    return new EngineFailure(code, Scrub.message(rawMessage));
  }
}
