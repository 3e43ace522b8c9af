package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.Usage;
import dev.skep.controlplane.fleet.Pressure;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * That an agent was heard, and what it said of its machine.
 *
 * @param usage percent, as far as it was measured
 */
record Beat(Instant seen, Map<Pressure, Double> usage) {
  static Beat of(Instant seen) {
    return new Beat(seen, Map.of());
  }

  static Beat of(Instant seen, Usage usage) {
    Map<Pressure, Double> percent = new EnumMap<>(Pressure.class);
    if (usage.hasCpuPercent()) {
      put(percent, Pressure.CPU, usage.getCpuPercent());
    }
    if (usage.hasMemoryPercent()) {
      put(percent, Pressure.MEMORY, usage.getMemoryPercent());
    }
    if (usage.hasDiskPercent()) {
      put(percent, Pressure.DISK, usage.getDiskPercent());
    }
    return new Beat(seen, percent);
  }

  /** What was not said now is as it was said before. */
  Beat after(Beat before) {
    Map<Pressure, Double> both = new EnumMap<>(Pressure.class);
    both.putAll(before.usage);
    both.putAll(usage);
    return new Beat(seen, both);
  }

  @Nullable String percent(Pressure kind) {
    Double value = usage.get(kind);
    return value == null ? null : Double.toString(value);
  }

  /** Null when it stays what it was. */
  @Nullable String pressed(Pressure kind) {
    Double value = usage.get(kind);
    if (value == null) {
      return null;
    }
    return switch (kind.verdict(value)) {
      case PRESSED -> "true";
      case HOLDS -> null;
      case RELIEVED -> "false";
    };
  }

  /** An agent may say anything. */
  private static void put(Map<Pressure, Double> percent, Pressure kind, float value) {
    if (Float.isFinite(value)) {
      percent.put(kind, Math.clamp(value, 0.0, 100.0));
    }
  }
}
