package dev.skep.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.cli.config.TargetResolver.Flags;
import dev.skep.cli.outcome.CliException;
import dev.skep.client.InvalidAddress;
import dev.skep.client.ServerAddress;
import dev.skep.client.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetResolverTest {
  @TempDir Path directory = Path.of("");
  private ConfigFile file = new ConfigFile(Path.of("unused"));

  @BeforeEach
  void writeContexts() {
    file = new ConfigFile(directory.resolve("skep/config.json"));
    file.save(
        Contexts.NONE
            .with(new Context("prod", "https://prod:7080", "skp_prod", null, null))
            .with(new Context("lab", "https://lab:7080", "skp_lab", "PEM", "acme")));
  }

  private Target resolve(Map<String, String> environment, Flags flags) {
    return new TargetResolver(environment, file).resolve(flags);
  }

  private static Flags flags(@Nullable String context, @Nullable String server) {
    return new Flags(context, server, null, null, null);
  }

  @Test
  void currentContextIsTheDefault() {
    var target = resolve(Map.of(), flags(null, null));

    assertThat(target.url()).isEqualTo("https://prod:7080");
    assertThat(target.token()).isEqualTo("skp_prod");
  }

  @Test
  void environmentBeatsTheCurrentContext() {
    var target =
        resolve(
            Map.of("SKEP_SERVER", "http://127.0.0.1:7080", "SKEP_TOKEN", "skp_env"),
            flags(null, null));

    assertThat(target.addresses()).containsExactly(new ServerAddress("127.0.0.1", 7080, false));
    assertThat(target.token()).isEqualTo("skp_env");
  }

  @Test
  void severalAddressesOfOneInstallationShareItsToken() {
    var target =
        resolve(
            Map.of("SKEP_SERVER", "https://a:7080, https://b:7080", "SKEP_TOKEN", "skp_env"),
            flags(null, null));

    assertThat(target.url()).isEqualTo("https://a:7080,https://b:7080");
    assertThat(target.token()).isEqualTo("skp_env");
    assertThat(
            resolve(
                    Map.of("SKEP_SERVER", "https://a:7080,https://b:7080", "SKEP_TOKEN", "skp_env"),
                    flags(null, "https://a:7080,https://stranger:7080"))
                .token())
        .isNull();
  }

  @Test
  void contextFlagBeatsTheEnvironmentTogetherWithItsToken() {
    var target =
        resolve(
            Map.of("SKEP_SERVER", "http://127.0.0.1:7080", "SKEP_TOKEN", "skp_env"),
            flags("lab", null));

    assertThat(target.addresses().getFirst().host()).isEqualTo("lab");
    assertThat(target.token()).isEqualTo("skp_lab");
    assertThat(target.ca()).isEqualTo("PEM");
  }

  @Test
  void tokenOfTheEnvironmentIsNotSentToAnotherServer() {
    var target =
        resolve(
            Map.of("SKEP_SERVER", "http://127.0.0.1:7080", "SKEP_TOKEN", "skp_env"),
            flags(null, "https://stranger"));

    assertThat(target.url()).isEqualTo("https://stranger:443");
    assertThat(target.token()).isNull();
  }

  @Test
  void serverFlagFindsTheTokenOfItsContext() {
    assertThat(resolve(Map.of(), flags(null, "https://lab:7080")).token()).isEqualTo("skp_lab");
  }

  @Test
  void plainHttpLeavesThisMachineNever() {
    assertThatThrownBy(() -> resolve(Map.of(), flags(null, "http://example.com:7080")))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("without encryption");
    assertThatThrownBy(() -> ServerAddress.parse("http://127.0.0.1.example.com"))
        .isInstanceOf(InvalidAddress.class);
  }

  @Test
  void unknownContextNamesTheKnownOnes() {
    assertThatThrownBy(() -> resolve(Map.of(), flags("staging", null)))
        .isInstanceOfSatisfying(
            CliException.class, e -> assertThat(e.hint()).contains("lab, prod"));
  }

  @Test
  void fileIsReadableByItsOwnerAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("skep"))))
        .isEqualTo("rwx------");
  }

  @Test
  void brokenFileIsAUsageErrorThatNamesIt() throws IOException {
    Files.writeString(file.path(), "{\"contexts\": []}");

    assertThatThrownBy(() -> resolve(Map.of(), flags(null, null)))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("config.json");
  }
}
