package dev.skep.cli;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  /** Lowest first; a package may use lower ranks only, and packages of one rank are strangers. */
  private static final List<List<String>> RANKS =
      List.of(
          List.of("outcome"),
          List.of("config", "parse", "format"),
          List.of("client"),
          List.of("session"),
          List.of(
              "services",
              "volumes",
              "secrets",
              "templates",
              "workers",
              "clusters",
              "notifications",
              "billing",
              "access",
              "people",
              "quotas",
              "audit"),
          List.of(""),
          List.of("training"));

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("dev.skep.cli");

  @Test
  void everyPackageUsesLowerRanksOnly() {
    var layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (var rank : RANKS) {
      for (var name : rank) {
        layers
            .layer(layer(name))
            .definedBy(name.isEmpty() ? "dev.skep.cli" : "dev.skep.cli." + name);
      }
    }
    for (int lower = 0; lower < RANKS.size(); lower++) {
      var above =
          RANKS.subList(lower + 1, RANKS.size()).stream()
              .flatMap(List::stream)
              .map(ArchitectureTest::layer)
              .toArray(String[]::new);
      for (var name : RANKS.get(lower)) {
        if (above.length == 0) {
          layers.whereLayer(layer(name)).mayNotBeAccessedByAnyLayer();
        } else {
          layers.whereLayer(layer(name)).mayOnlyBeAccessedByLayers(above);
        }
      }
    }
    layers.check(classes);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.skep.cli.(*)..").should().beFreeOfCycles().check(classes);
  }

  private static String layer(String name) {
    return name.isEmpty() ? "root" : name;
  }
}
