package dev.skep.agent.engine;

import dev.skep.agent.engine.EngineFailure.Code;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Images in memory, and the registry that they come from. */
public final class FakeImages implements Engine.Images {
  private final Set<String> there = ConcurrentHashMap.newKeySet();
  private final Runnable call;
  private final Predicate<String> used;

  /** What the registry has. */
  public final Set<String> published = ConcurrentHashMap.newKeySet();

  /** How the registry answers for an image instead. */
  public final Map<String, Code> troubles = new ConcurrentHashMap<>();

  /** A pull takes one, and gives it back at its end. */
  public final Semaphore line = new Semaphore(1_000);

  public final AtomicInteger pulls = new AtomicInteger();

  FakeImages(Runnable call, Predicate<String> used) {
    this.call = call;
    this.used = used;
  }

  /** As if somebody else had pulled it. */
  public void put(String name) {
    there.add(name);
  }

  /** As if somebody else had deleted it. */
  public void lose(String name) {
    there.remove(name);
  }

  @Override
  public Set<String> names() {
    call.run();
    return Set.copyOf(there);
  }

  @Override
  public boolean has(String name) {
    call.run();
    return there.contains(name);
  }

  @Override
  public void pull(String name) {
    call.run();
    pulls.incrementAndGet();
    line.acquireUninterruptibly();
    try {
      var trouble = troubles.get(name);
      if (trouble != null || !published.contains(name)) {
        throw new EngineFailure(trouble == null ? Code.IMAGE_MISSING : trouble, "no " + name);
      }
      there.add(name);
    } finally {
      line.release();
    }
  }

  @Override
  public void remove(String name) {
    call.run();
    if (!there.contains(name)) {
      throw new EngineFailure(Code.NOT_FOUND, "No such image: " + name);
    }
    if (used.test(name)) {
      throw new EngineFailure(Code.IN_USE, "container is using its referenced image");
    }
    there.remove(name);
  }
}
