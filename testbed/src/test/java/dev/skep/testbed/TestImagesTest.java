package dev.skep.testbed;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

final class TestImagesTest {

  @Test
  void equalContentHasAnEqualDigestAndAnotherVersionAnother() {
    assertThat(digest(TestImages.web("v1"))).isEqualTo(digest(TestImages.web("v1")));
    assertThat(digest(TestImages.web("v1"))).isNotEqualTo(digest(TestImages.web("v2")));
  }

  @Test
  void imagesShareTheLayerWithBusybox() {
    assertThat(TestImages.web("v1").layers().getFirst().digest())
        .isEqualTo(TestImages.crash().layers().getFirst().digest());
  }

  @Test
  void layerIsAnArchiveThatOthersRead() throws IOException {
    var layer = TestImages.busybox().layers().getFirst();
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(layer.bytes()))) {
      var entries =
          Stream.<TarArchiveEntry>generate(() -> next(tar))
              .takeWhile(entry -> !entry.getName().isEmpty())
              .collect(Collectors.toMap(TarArchiveEntry::getName, entry -> entry));
      assertThat(requireNonNull(entries.get("bin/sh")).getLinkName()).isEqualTo("busybox");
      assertThat(requireNonNull(entries.get("bin/busybox")).getSize())
          .isEqualTo(Files.size(Path.of("/bin/busybox")));
      assertThat(requireNonNull(entries.get("tmp/")).getMode() & 07777).isEqualTo(01777);
      assertThat(entries.values()).allMatch(TarArchiveEntry::isCheckSumOK);
    }
  }

  private static TarArchiveEntry next(TarArchiveInputStream tar) {
    try {
      var entry = tar.getNextEntry();
      return entry == null ? new TarArchiveEntry("") : entry;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(TestImage image) {
    return TarLayer.digestOf(image.manifest());
  }
}
