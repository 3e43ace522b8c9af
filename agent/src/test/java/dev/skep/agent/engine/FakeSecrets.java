package dev.skep.agent.engine;

import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.SecretBytes;
import dev.skep.agent.task.ServiceSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Secrets of a Swarm in memory. */
public final class FakeSecrets implements Engine.Secrets {
  private final Map<String, Kept> there = new TreeMap<>();
  private final Consumer<String> call;
  private final Supplier<Stream<ServiceSpec>> services;
  private final AtomicLong index = new AtomicLong();

  private record Kept(Observed.Secret secret, SecretBytes value) {}

  /**
   * No secrets.
   *
   * @param call runs before each call, with its name
   * @param services of the Swarm
   */
  FakeSecrets(Consumer<String> call, Supplier<Stream<ServiceSpec>> services) {
    this.call = call;
    this.services = services;
  }

  @Override
  public synchronized List<Observed.Secret> all() {
    call.accept("secrets");
    return there.values().stream().map(Kept::secret).toList();
  }

  @Override
  public synchronized String create(String name, Map<String, String> labels, SecretBytes value) {
    call.accept("createSecret");
    if (there.values().stream().anyMatch(k -> k.secret.name().equals(name))) {
      throw new EngineFailure(Code.CONFLICT, "secret " + name + " already exists");
    }
    String id = "secret" + index.incrementAndGet();
    there.put(id, new Kept(new Observed.Secret(id, name, labels), value));
    return id;
  }

  @Override
  public synchronized void remove(String id) {
    call.accept("removeSecret");
    if (services.get().flatMap(FakeSecrets::named).anyMatch(id::equals)) {
      throw new EngineFailure(Code.IN_USE, "secret " + id + " is in use");
    }
    if (there.remove(id) == null) {
      throw new EngineFailure(Code.NOT_FOUND, "secret " + id + " not found");
    }
  }

  /** What an engine checks of a service. */
  synchronized void check(ServiceSpec spec) {
    named(spec)
        .filter(id -> !there.containsKey(id))
        .findFirst()
        .ifPresent(
            id -> {
              throw new EngineFailure(Code.NOT_FOUND, "secret not found: " + id);
            });
  }

  private static Stream<String> named(ServiceSpec spec) {
    return Optional.ofNullable(spec.taskTemplate().containerSpec().secrets()).stream()
        .flatMap(List::stream)
        .map(ServiceSpec.SecretReference::secretID);
  }

  /** What containers would read. */
  public synchronized Optional<SecretBytes> value(String name) {
    return there.values().stream()
        .filter(k -> k.secret.name().equals(name))
        .map(Kept::value)
        .findFirst();
  }

  synchronized void clear() {
    there.clear();
  }
}
