package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.v1.BillingFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files that come from the control plane. */
final class Written {
  private Written() {}

  /** Under the name that the control plane gives it, in this directory, when there is no target. */
  static void to(Session session, @Nullable Path target, BillingFile file) throws IOException {
    var path = target == null ? Path.of(file.getFileName()).getFileName() : target;
    Files.write(path, file.getContent().toByteArray());
    session.print("%s: %d bytes".formatted(path, file.getContent().size()));
  }
}
