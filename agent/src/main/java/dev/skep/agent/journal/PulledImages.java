package dev.skep.agent.journal;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images that this agent has pulled, durably: it deletes no other. One is written down before its
 * pull begins, when the engine does not have it, so that none is forgotten by a crash.
 */
public final class PulledImages {
  private static final Logger log = LoggerFactory.getLogger(PulledImages.class);

  private final DurableFile file;
  private Set<String> images;

  private PulledImages(DurableFile file, Set<String> images) {
    this.file = file;
    this.images = images;
  }

  static PulledImages open(Path dataDir) {
    var file = new DurableFile(dataDir.resolve("pulled-images"));
    try {
      return new PulledImages(file, file.read().map(PulledImages::read).orElse(Set.of()));
    } catch (DamagedFile e) {
      log.error("{}; it is set aside: images pulled before are never deleted", e.getMessage());
      file.setAside();
      return new PulledImages(file, Set.of());
    }
  }

  private static Set<String> read(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .collect(Collectors.toCollection(TreeSet::new));
  }

  public synchronized Set<String> all() {
    return images;
  }

  public synchronized void add(String image) {
    if (!images.contains(image)) {
      var more = new TreeSet<>(images);
      more.add(image);
      write(more);
    }
  }

  public synchronized void remove(String image) {
    if (images.contains(image)) {
      var fewer = new TreeSet<>(images);
      fewer.remove(image);
      write(fewer);
    }
  }

  private void write(Set<String> next) {
    file.write(String.join("\n", next).getBytes(StandardCharsets.UTF_8));
    images = Collections.unmodifiableSet(next);
  }
}
