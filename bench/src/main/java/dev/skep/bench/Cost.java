package dev.skep.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What an invocation takes beside time, without what prepares and checks it. */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Cost {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** Allocated by the thread that decides. */
  public long bytes;

  /** Of all threads, the compiler's too. */
  public long cpuNanos;

  @Setup(Level.Iteration)
  public void reset() {
    bytes = 0;
    cpuNanos = 0;
  }

  void start() {
    bytes -= THREADS.getCurrentThreadAllocatedBytes();
    cpuNanos -= SYSTEM.getProcessCpuTime();
  }

  void end() {
    bytes += THREADS.getCurrentThreadAllocatedBytes();
    cpuNanos += SYSTEM.getProcessCpuTime();
  }
}
