package dev.skep.controlplane.quota;

import java.util.EnumMap;
import java.util.Map;

/** How much of each resource; what is not there is nothing. */
public record Amounts(Map<Resource, Long> map) {
  public static final Amounts NOTHING = new Amounts(Map.of());

  public Amounts {
    EnumMap<Resource, Long> something = new EnumMap<>(Resource.class);
    map.forEach(
        (resource, amount) -> {
          if (amount != 0) {
            something.put(resource, amount);
          }
        });
    map = Map.copyOf(something);
  }

  public static Amounts of(Resource resource, long amount) {
    return new Amounts(Map.of(resource, amount));
  }

  public long of(Resource resource) {
    return map.getOrDefault(resource, 0L);
  }

  public Amounts plus(Amounts other) {
    EnumMap<Resource, Long> sum = new EnumMap<>(Resource.class);
    sum.putAll(map);
    other.map.forEach((resource, amount) -> sum.merge(resource, amount, Math::addExact));
    return new Amounts(sum);
  }

  public Amounts minus(Amounts other) {
    EnumMap<Resource, Long> negative = new EnumMap<>(Resource.class);
    other.map.forEach((resource, amount) -> negative.put(resource, -amount));
    return plus(new Amounts(negative));
  }

  public boolean isNothing() {
    return map.isEmpty();
  }
}
