package dev.skep.controlplane.db;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.UUID;
import java.util.function.Supplier;

/** Makes UUIDv7 keys: time-ordered, so that new rows land at the end of their indexes. */
public final class IdSource implements Supplier<UUID> {
  private final TimeBasedEpochGenerator generator = Generators.timeBasedEpochGenerator();

  @Override
  public UUID get() {
    return generator.generate();
  }
}
