package dev.skep.agent.journal;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Until when copies of some services may run here without a word from a control plane. They may
 * start elsewhere with empty volumes when this machine is gone, so here they have to have stopped
 * by then, whoever cannot hear whom.
 *
 * <p>On disk: an agent that starts again in the same life of its machine goes on with what is left,
 * and stops nothing that it need not. After a start of the machine nothing is left.
 */
public final class CopyLease {
  private static final Logger log = LoggerFactory.getLogger(CopyLease.class);

  private final DurableFile file;
  private final BootClock clock;
  private Terms terms;

  /**
   * What was granted.
   *
   * @param boot life of the machine in which {@code until} means something
   */
  private record Terms(String boot, long until, Set<String> services) {
    static final Terms NONE = new Terms("", 0, Set.of());

    byte[] bytes() {
      List<String> lines = new ArrayList<>(List.of(boot, Long.toString(until)));
      lines.addAll(services);
      return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    static Terms read(byte[] bytes) {
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return new Terms(
          lines.get(0), Long.parseLong(lines.get(1)), sorted(lines.subList(2, lines.size())));
    }
  }

  private CopyLease(DurableFile file, BootClock clock, Terms terms) {
    this.file = file;
    this.clock = clock;
    this.terms = terms;
  }

  static CopyLease open(Path dataDir, BootClock clock) {
    var file = new DurableFile(dataDir.resolve("lease"));
    try {
      return new CopyLease(file, clock, file.read().map(Terms::read).orElse(Terms.NONE));
    } catch (DamagedFile e) {
      log.error("{}; it is set aside and no copy is stopped before the next lease", e.getMessage());
      file.setAside();
      return new CopyLease(file, clock, Terms.NONE);
    }
  }

  private static Set<String> sorted(Iterable<String> names) {
    var set = new TreeSet<String>();
    names.forEach(set::add);
    return Collections.unmodifiableSet(set);
  }

  /** What time it is, for {@link #granted}. */
  public long now() {
    return clock.nanos().getAsLong();
  }

  /** Services that it is about. */
  public synchronized Set<String> services() {
    return terms.services;
  }

  /** How long their copies may still run; nothing when it is over, or there never was one. */
  public synchronized Duration left() {
    return terms.boot.equals(clock.boot())
        ? Duration.ofNanos(Math.max(0, terms.until - now()))
        : Duration.ZERO;
  }

  /**
   * A control plane grants it.
   *
   * @param askedAt when it was asked for: the time that the answer took is lost
   * @param wanted all services that it is about from now on
   */
  public synchronized void granted(long askedAt, Duration validFor, List<String> wanted) {
    var next = new Terms(clock.boot(), askedAt + validFor.toNanos(), sorted(wanted));
    boolean same = next.services.equals(terms.services);
    if (same && next.services.isEmpty()) {
      return;
    }
    if (same) {
      terms = next;
    }
    try {
      file.write(next.bytes());
    } catch (UncheckedIOException e) {
      if (!same) {
        throw e;
      }
      // What is on disk ends earlier, which costs an interruption if this process ends before.
      log.warn("{}", e.getMessage());
    }
    terms = next;
  }
}
