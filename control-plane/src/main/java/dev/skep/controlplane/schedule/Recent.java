package dev.skep.controlplane.schedule;

import java.io.Serial;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was computed of late, by what it was computed for; the rest is computed again. */
final class Recent<K, V> extends LinkedHashMap<K, V> {
  @Serial private static final long serialVersionUID = 1;
  private static final int LIMIT = 64;

  Recent() {
    super(16, 0.75f, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > LIMIT;
  }
}
