package dev.skep.controlplane.kernel;

/**
 * An amount of a machine.
 *
 * @param cpuMillis thousandths of a core
 * @param memoryBytes bytes
 */
public record Resources(long cpuMillis, long memoryBytes) {
  public static final Resources NONE = new Resources(0, 0);

  public Resources plus(Resources other) {
    return new Resources(cpuMillis + other.cpuMillis, memoryBytes + other.memoryBytes);
  }

  public Resources minus(Resources other) {
    return new Resources(cpuMillis - other.cpuMillis, memoryBytes - other.memoryBytes);
  }

  public Resources times(int n) {
    return new Resources(cpuMillis * n, memoryBytes * n);
  }
}
