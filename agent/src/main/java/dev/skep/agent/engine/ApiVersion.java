package dev.skep.agent.engine;

/** A version of the Engine API. */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
  /** Docker 20.10, the first with capabilities and process limits in Swarm services. */
  public static final ApiVersion FLOOR = new ApiVersion(1, 41);

  /** The newest that the contract suite was written against. */
  public static final ApiVersion NEWEST_TESTED = new ApiVersion(1, 51);

  /** Reads "1.41". */
  public static ApiVersion parse(String text) {
    if (!text.matches("[0-9]{1,4}\\.[0-9]{1,4}")) {
      throw new EngineFailure(
          EngineFailure.Code.UNSUPPORTED, "the engine has no API version like 1.41: " + text);
    }
    int dot = text.indexOf('.');
    return new ApiVersion(
        Integer.parseInt(text.substring(0, dot)), Integer.parseInt(text.substring(dot + 1)));
  }

  /** The version to speak with an engine that offers this range. */
  static ApiVersion negotiate(ApiVersion lowest, ApiVersion highest) {
    var chosen = highest.compareTo(NEWEST_TESTED) < 0 ? highest : NEWEST_TESTED;
    if (chosen.compareTo(FLOOR) < 0 || chosen.compareTo(lowest) < 0) {
      throw new EngineFailure(
          EngineFailure.Code.UNSUPPORTED,
          "the engine speaks API %s to %s; this agent needs one of %s to %s"
              .formatted(lowest, highest, FLOOR, NEWEST_TESTED));
    }
    return chosen;
  }

  /** Whether Swarm services may ask for no-new-privileges. */
  public boolean hasNoNewPrivileges() {
    return atLeast(46);
  }

  /** Whether a health check may run more often while a container starts. */
  public boolean hasStartInterval() {
    return atLeast(44);
  }

  private boolean atLeast(int minimum) {
    return compareTo(new ApiVersion(1, minimum)) >= 0;
  }

  @Override
  public int compareTo(ApiVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
