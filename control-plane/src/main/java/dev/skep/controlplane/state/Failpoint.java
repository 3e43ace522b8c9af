package dev.skep.controlplane.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a test can kill or hold this process, step by step through a deployment. {@code
 * SKEP_FAILPOINTS} names a directory; a file in it that is called like a point arms that point
 * once. Without the variable a point costs a comparison with null.
 */
public enum Failpoint {
  /** What a user wants is in the database; the caller has no answer yet. */
  SPEC_COMMITTED,
  /** The leader knows what to change, inside the transaction that is going to write it. */
  PLAN_COMPUTED,
  /** The plan is in the database; no agent was told. */
  PLAN_COMMITTED,
  /** An agent's assignments are read and rendered. */
  ASSIGNMENT_READ,
  /** They are handed to the connection. */
  FRAME_SENT,
  /** An agent's report is here and nowhere else. */
  STATUS_RECEIVED,
  /** The report is in the database; the agent has no acknowledgement. */
  STATUS_STORED,
  /** A deployment took a step, for good. */
  STEP_COMMITTED;

  private static final @Nullable Path ARMED = directory(System.getenv("SKEP_FAILPOINTS"));
  private static final int EXIT = 137;
  private static final long LOOK_AGAIN_MILLIS = 20;

  /** Name of the file that arms this point, for example {@code plan-committed}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Ends the process here, or waits here, when a test wants it. */
  public void hit() {
    if (ARMED != null) {
      hit(ARMED.resolve(word()));
    }
  }

  private static void hit(Path file) {
    try {
      if (!Files.exists(file)) {
        return;
      }
      String wish = Files.readString(file).strip();
      // Whoever takes the file away is the one that it is meant for.
      if (!Files.deleteIfExists(file)) {
        return;
      }
      if (wish.equals("pause")) {
        pause(file.resolveSibling(file.getFileName() + ".paused"));
      } else {
        Runtime.getRuntime().halt(EXIT);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the failpoint " + file + " cannot be used", e);
    }
  }

  /** Until somebody deletes the file that tells of it. */
  private static void pause(Path marker) throws IOException {
    Files.createFile(marker);
    while (Files.exists(marker)) {
      try {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static @Nullable Path directory(@Nullable String variable) {
    return variable == null || variable.isEmpty() ? null : Path.of(variable);
  }
}
