package dev.skep.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What an invocation allocates, without what prepares and checks it. */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Cost {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Allocated by the thread that decides. */
  public long bytes;

  @Setup(Level.Iteration)
  public void reset() {
    bytes = 0;
  }

  void start() {
    bytes -= THREADS.getCurrentThreadAllocatedBytes();
  }

  void end() {
    bytes += THREADS.getCurrentThreadAllocatedBytes();
  }
}
