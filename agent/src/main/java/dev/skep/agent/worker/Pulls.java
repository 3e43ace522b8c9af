package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.journal.PulledImages;
import dev.skep.agent.task.RegistryTurns;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/** Gets images, few at a time, and deletes those that it got. */
final class Pulls {
  private static final int AT_ONCE = 2;

  private final Engine.Images engine;
  private final PulledImages pulled;
  private final LongSupplier nanos;
  private final RegistryTurns turns = new RegistryTurns();
  private final Semaphore slots = new Semaphore(AT_ONCE, true);

  Pulls(Engine.Images engine, PulledImages pulled, LongSupplier nanos) {
    this.engine = engine;
    this.pulled = pulled;
    this.nanos = nanos;
  }

  /**
   * Pulls unless it is there.
   *
   * @param began runs when it is not
   */
  Outcome pull(String image, Runnable began) {
    if (!engine.has(image)) {
      began.run();
      acquire();
      try {
        fetch(image);
      } finally {
        slots.release();
      }
    }
    turns.forget(image);
    return new Outcome.ImageNow(image, true);
  }

  private void fetch(String image) {
    turns
        .take(image, nanos.getAsLong())
        .ifPresent(
            refusal -> {
              throw new EngineFailure(EngineFailure.Code.IMAGE_UNAUTHORIZED, refusal);
            });
    pulled.add(image);
    try {
      engine.pull(image);
    } catch (EngineFailure e) {
      if (e.code() == EngineFailure.Code.IMAGE_UNAUTHORIZED) {
        turns.refused(image, String.valueOf(e.getMessage()), nanos.getAsLong());
      }
      throw e;
    }
  }

  private void acquire() {
    try {
      slots.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineFailure(EngineFailure.Code.ENGINE_DOWN, "interrupted", e);
    }
  }

  /** Never beside a pull, which may be about to use a layer that would go. */
  Outcome remove(String image) {
    if (!slots.tryAcquire(AT_ONCE)) {
      throw new EngineFailure(EngineFailure.Code.IN_USE, "it goes when no image is being pulled");
    }
    try {
      engine.remove(image);
    } catch (EngineFailure e) {
      if (e.code() != EngineFailure.Code.NOT_FOUND) {
        throw e;
      }
    } finally {
      slots.release(AT_ONCE);
    }
    turns.forget(image);
    pulled.remove(image);
    return new Outcome.ImageNow(image, false);
  }
}
