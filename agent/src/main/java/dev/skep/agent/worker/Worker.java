package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.Pace;
import dev.skep.agent.task.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the plan true, for as long as it runs and whatever happens.
 *
 * <p>One thread decides; looks and steps run beside it and come back as signals, so a slow engine
 * delays nothing but itself. The inbox is bounded by what can be under way: one step per object,
 * one look, and one word for any number of events.
 */
public final class Worker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);
  private static final Duration LIST_EVERY = Duration.ofSeconds(15);
  private static final Duration LIST_GAP = Duration.ofMillis(250);
  private static final Duration LIST_AFTER_CHANGE = Duration.ofSeconds(1);
  private static final Duration REMOTE_LOOK = Duration.ofSeconds(2);
  private static final Duration EVENT_ECHO = Duration.ofSeconds(2);
  private static final int STEPS_AT_ONCE = 8;

  private final Engine engine;
  private final Actions actions;
  private final Reconciler reconciler;
  private final LocalContainers containers;
  private final LeaseGuard guard;
  private final LinkedBlockingQueue<Signal> inbox = new LinkedBlockingQueue<>();
  private final Surroundings surroundings;
  private final ExecutorService threads;
  private final Semaphore steps = new Semaphore(STEPS_AT_ONCE);
  private final Set<String> eventsWaiting = ConcurrentHashMap.newKeySet();
  private volatile Optional<Engine.EngineInfo> info = Optional.empty();
  private boolean running = true;

  private boolean listing;
  private boolean looking;
  private long listAt;
  private long lookAt;
  private long guardAt;
  private long changedAt;
  private long lastListing;
  private Duration lookCost = Duration.ZERO;

  /** What the worker needs to know of its machine. */
  public record Settings(String advertiseAddress, String probeDir) {}

  /**
   * A worker that does nothing before {@link #start}.
   *
   * @param onContainers gets our containers on this machine whenever they changed
   */
  public Worker(
      Journal journal,
      Engine engine,
      StatusOutbox outbox,
      Settings settings,
      Consumer<Set<Observed.Container>> onContainers) {
    this(journal, engine, outbox, settings, onContainers, Surroundings.ofProcess());
  }

  Worker(
      Journal journal,
      Engine engine,
      StatusOutbox outbox,
      Settings settings,
      Consumer<Set<Observed.Container>> onContainers,
      Surroundings surroundings) {
    this.engine = engine;
    this.surroundings = surroundings;
    this.threads = surroundings.threads();
    var pulls = new Pulls(engine.images(), journal.pulled(), surroundings.nanos());
    this.actions = new Actions(engine, pulls, settings.advertiseAddress());
    this.reconciler =
        new Reconciler(journal, outbox, settings.probeDir(), surroundings, this::perform);
    this.containers = new LocalContainers(engine, onContainers);
    this.guard = new LeaseGuard(engine, journal.lease(), threads);
    long now = nanos();
    guardAt = now;
    listAt = now;
    lookAt = now;
    changedAt = now;
    lastListing = now - LIST_EVERY.toNanos();
  }

  /** Begins with what the journal says. */
  public void start() {
    threads.execute(this::watch);
    threads.execute(containers);
    threads.execute(this::run);
  }

  /** These assignments changed, and are durable. */
  public void assigned(Set<String> ids) {
    inbox.add(new Signal.Assigned(ids));
  }

  /** What the engine said of itself last. */
  public Optional<Engine.EngineInfo> engineInfo() {
    return info;
  }

  private void run() {
    while (running) {
      try {
        turn();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        // The loop has to outlive every mistake in it; the next turn looks at everything again.
        log.error("A turn of the loop failed; it goes on", e);
        listAt = nanos() + LIST_GAP.toNanos();
      }
    }
  }

  private void turn() throws InterruptedException {
    take(inbox.poll(Math.max(due(), 1_000_000), TimeUnit.NANOSECONDS));
  }

  /** Tries what had to wait; returns when something is due next. */
  private long due() {
    long soonest = Math.min(untilLook(), guardAt - nanos());
    return Math.min(soonest, reconciler.retryDue().toNanos());
  }

  private void take(@Nullable Signal signal) {
    if (signal != null) {
      handle(signal);
    }
    lookIfDue();
    if (guardAt - nanos() <= 0) {
      guardAt = nanos() + guard.look().toNanos();
    }
  }

  /** Does all that is to be done at this moment; returns when something is due next. */
  Duration catchUp() {
    due();
    do {
      take(inbox.poll());
    } while (!inbox.isEmpty());
    return Duration.ofNanos(due());
  }

  private long nanos() {
    return surroundings.nanos().getAsLong();
  }

  private void handle(Signal signal) {
    switch (signal) {
      case Signal.Assigned(var ids) -> reconciler.assigned(ids);
      case Signal.Happened(var event) -> happened(event);
      case Signal.Began(var id) -> reconciler.began(id);
      case Signal.Tried(var id, var step, var outcome) -> tried(id, step, outcome);
      case Signal.Listed(var ticket, var now) -> {
        listing = false;
        listAt = lastListing + LIST_EVERY.toNanos();
        if (reconciler.listed(ticket, now)) {
          info = Optional.of(now.info());
          if (reconciler.unsteady()) {
            listWithin(LIST_AFTER_CHANGE);
          }
        } else {
          listSoon();
        }
      }
      case Signal.Looked(var ticket, var tasks) -> {
        looking = false;
        if (reconciler.looked(ticket, tasks)) {
          changedAt = nanos();
        }
        scheduleLook();
      }
      case Signal.Unanswered() -> {
        looking = false;
        lookAt = nanos() + Duration.ofSeconds(1).toNanos();
        listSoon();
      }
      case Signal.Blind(var failure) -> {
        listing = false;
        looking = false;
        listAt = nanos() + Duration.ofSeconds(1).toNanos();
        lookAt = listAt + 1;
        reconciler.blind(failure);
      }
      case Signal.Stop() -> running = false;
    }
  }

  private void happened(Engine.EngineEvent event) {
    eventsWaiting.remove(event.type());
    changedAt = nanos();
    lookAt = Math.min(lookAt, changedAt);
    switch (event.type()) {
      case "container" -> guardAt = nanos();
      // Mostly the echo of our own step, whose container starts now: looking at everything waits.
      case "service", "network" -> listWithin(LIST_AFTER_CHANGE);
      default -> listSoon();
    }
    containers.wake();
  }

  private void tried(String id, Step step, Outcome outcome) {
    reconciler.tried(id, step, outcome);
    changedAt = nanos();
    lookAt = Math.min(lookAt, changedAt);
    boolean missing =
        outcome instanceof Outcome.Failed(var failure)
            && (failure.code() == EngineFailure.Code.NOT_FOUND || failure.engineAway());
    if (outcome instanceof Outcome.SwarmChanged || missing || step instanceof Step.ClaimSwarm) {
      listSoon();
    }
  }

  private void listSoon() {
    listWithin(Duration.ZERO);
  }

  private void listWithin(Duration pause) {
    long earliest = Math.max(nanos() + pause.toNanos(), lastListing + LIST_GAP.toNanos());
    listAt = Math.min(listAt, earliest);
  }

  private long untilLook() {
    long now = nanos();
    long list = listing ? Long.MAX_VALUE : listAt - now;
    long look = looking || !reconciler.manager() ? Long.MAX_VALUE : lookAt - now;
    return Math.min(list, look);
  }

  private void lookIfDue() {
    long now = nanos();
    if (!listing && listAt - now <= 0) {
      listing = true;
      lastListing = now;
      long ticket = reconciler.ticket();
      boolean images = reconciler.wantsImages();
      threads.execute(() -> see(() -> new Signal.Listed(ticket, Listing.of(engine, images))));
    }
    if (!looking && lookAt - now <= 0 && reconciler.manager()) {
      looking = true;
      long ticket = reconciler.ticket();
      threads.execute(() -> see(() -> look(ticket)));
    }
  }

  private Signal look(long ticket) {
    long start = nanos();
    try {
      var tasks = engine.cluster().tasks();
      lookCost = Duration.ofNanos(nanos() - start);
      return new Signal.Looked(ticket, tasks);
    } catch (EngineFailure e) {
      if (e.code() == EngineFailure.Code.ENGINE_DOWN) {
        throw e;
      }
      return new Signal.Unanswered();
    }
  }

  private void scheduleLook() {
    long now = nanos();
    var calm = Duration.ofNanos(now - changedAt);
    boolean quiet = reconciler.settled() && calm.compareTo(EVENT_ECHO) > 0;
    var pause = quiet ? idle() : Pace.nextLook(calm, lookCost);
    lookAt = now + pause.toNanos();
  }

  private Duration idle() {
    return reconciler.remote() ? REMOTE_LOOK : LIST_EVERY;
  }

  private void see(java.util.function.Supplier<Signal> look) {
    try {
      inbox.add(look.get());
    } catch (EngineFailure e) {
      inbox.add(new Signal.Blind(e));
    } catch (RuntimeException e) {
      log.error("A look at the engine failed", e);
      inbox.add(
          new Signal.Blind(
              new EngineFailure(EngineFailure.Code.ENGINE_DOWN, "unreadable answer", e)));
    }
  }

  private void perform(String id, Step step) {
    // Pulls take minutes, and have a limit of their own.
    int permits = step instanceof Step.PullImage ? 0 : 1;
    threads.execute(
        () -> {
          steps.acquireUninterruptibly(permits);
          try {
            var outcome = actions.apply(step, () -> inbox.add(new Signal.Began(id)));
            inbox.add(new Signal.Tried(id, step, outcome));
          } catch (RuntimeException e) {
            log.error("{}: a step failed", id, e);
            inbox.add(
                new Signal.Tried(
                    id,
                    step,
                    new Outcome.Failed(
                        new EngineFailure(
                            EngineFailure.Code.ENGINE_ERROR, e.getClass().getSimpleName(), e))));
          } finally {
            steps.release(permits);
          }
        });
  }

  /** Follows the engine's events; whenever the stream breaks, everything is looked at again. */
  private void watch() {
    var since = Instant.now();
    while (!Thread.currentThread().isInterrupted()) {
      try {
        var from = since;
        since = Instant.now();
        engine.watch(from, this::hint);
      } catch (EngineFailure e) {
        log.debug("No events: {}", e.getMessage());
      }
      hint(new Engine.EngineEvent("engine", "reconnect", ""));
      try {
        Thread.sleep(Duration.ofSeconds(1));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** A storm of events is one word of each kind; only the loop takes it off. */
  void hint(Engine.EngineEvent event) {
    if (eventsWaiting.add(event.type())) {
      inbox.add(new Signal.Happened(event));
    }
  }

  @Override
  public void close() {
    inbox.add(new Signal.Stop());
    threads.shutdownNow();
  }
}
