package dev.skep.cli.config;

import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the configuration file holds; immutable. */
public record Contexts(@Nullable String current, TreeMap<String, Context> byName) {
  static final Contexts NONE = new Contexts(null, new TreeMap<>());

  public Contexts {
    byName = new TreeMap<>(byName);
  }

  public Optional<Context> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  public Optional<Context> findCurrent() {
    return Optional.ofNullable(current).flatMap(this::find);
  }

  /** Adds or replaces a context; the first one becomes the current one. */
  public Contexts with(Context context) {
    var copy = new TreeMap<>(byName);
    copy.put(context.name(), context);
    return new Contexts(current == null ? context.name() : current, copy);
  }

  public Contexts without(String name) {
    var copy = new TreeMap<>(byName);
    copy.remove(name);
    return new Contexts(name.equals(current) ? null : current, copy);
  }

  /** Wherever this token is, another one takes its place, or none. */
  public Contexts replacing(String token, @Nullable String other) {
    var copy = new TreeMap<>(byName);
    copy.replaceAll(
        (name, context) -> token.equals(context.token()) ? context.with(other) : context);
    return new Contexts(current, copy);
  }

  public Contexts using(String name) {
    return new Contexts(name, byName);
  }
}
