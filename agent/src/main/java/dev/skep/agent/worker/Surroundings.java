package dev.skep.agent.worker;

import java.time.Clock;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * What the loop takes from its process, so that a test can be all of it.
 *
 * @param nanos monotonic
 * @param random 0 to 1
 * @param threads run what must not hold up the loop
 */
record Surroundings(
    LongSupplier nanos, InstantSource clock, DoubleSupplier random, ExecutorService threads) {

  static Surroundings ofProcess() {
    return new Surroundings(
        System::nanoTime,
        Clock.systemUTC(),
        () -> ThreadLocalRandom.current().nextDouble(),
        Executors.newVirtualThreadPerTaskExecutor());
  }
}
