package dev.skep.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The architecture: imports go to a lower rank only; the same rank is strangers. */
final class ArchitectureTest {
  private static final String ROOT = "dev.skep.agent";

  private static final Map<String, Integer> RANKS =
      Map.of(
          ROOT + ".task",
          0,
          ROOT + ".engine",
          1,
          ROOT + ".journal",
          1,
          ROOT + ".report",
          2,
          ROOT + ".telemetry",
          2,
          ROOT + ".worker",
          3,
          ROOT + ".link",
          4,
          ROOT,
          5);

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/dev/skep/agent/v1/"))
          .importPackages(ROOT);

  @Test
  void importsGoToALowerRankOnly() {
    ArchRuleDefinition.classes().should(importOnlyLowerRanks()).check(classes);
  }

  private static ArchCondition<JavaClass> importOnlyLowerRanks() {
    return new ArchCondition<>("import only lower ranks") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        var own = RANKS.get(item.getPackageName());
        if (own == null) {
          events.add(SimpleConditionEvent.violated(item, item.getPackageName() + " has no rank"));
          return;
        }
        for (var dependency : item.getDirectDependenciesFromSelf()) {
          var target = dependency.getTargetClass().getPackageName();
          var other = RANKS.get(target);
          if (other != null && !target.equals(item.getPackageName()) && other >= own) {
            events.add(SimpleConditionEvent.violated(item, dependency.getDescription()));
          }
        }
      }
    };
  }

  @Test
  void onlyTheEngineKnowsDocker() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".engine")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.github.dockerjava..")
        .check(classes);
  }

  @Test
  void rulesArePure() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".task")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..",
            "java.nio.file..",
            "java.nio.channels..",
            "java.net..",
            "java.util.concurrent..",
            "java.util.random..",
            "org.slf4j..",
            "io.grpc..",
            "com.google..",
            "dev.skep.agent.v1..")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(classes);
  }

  @Test
  void nobodyStartsProcesses() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ProcessBuilder.class)
        .orShould()
        .callMethod(Runtime.class, "exec", String.class)
        .orShould()
        .callMethod(Runtime.class, "exec", String[].class)
        .check(classes);
  }
}
