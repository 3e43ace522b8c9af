package dev.skep.controlplane;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.skep.controlplane.db.EmbeddedDatabase;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The architecture: ranks of packages, and what a pure package may know. */
final class ArchitectureTest {
  private static final String ROOT = "dev.skep.controlplane";

  /** Lowest first. A package imports only packages of a lower rank; the same rank are strangers. */
  private static final List<Set<String>> RANKS =
      List.of(
          Set.of("kernel"),
          Set.of("workload", "fleet"),
          Set.of("schedule", "db"),
          Set.of("reconcile", "rpc", "pki"),
          Set.of("quota"),
          Set.of("ledger"),
          Set.of("state", "tenancy", "vault", "openapi"),
          Set.of(
              "dispatch", "ingest", "logs", "notifications", "audit", "replay", "loop", "forecast"),
          Set.of("identity"),
          Set.of("sso"),
          Set.of("services", "volumes", "workers", "clusters", "access", "quotas", "agentlink"),
          Set.of("secrets", "billing", "payments", "invoices"),
          Set.of("templates"),
          Set.of("server"));

  private static final Set<String> PURE =
      Set.of("kernel", "workload", "fleet", "schedule", "reconcile");

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void everyPackageHasARank() {
    Set<String> found =
        CODE.stream()
            .map(c -> c.getPackageName())
            .filter(name -> !name.equals(ROOT))
            .map(name -> name.substring(ROOT.length() + 1))
            .collect(Collectors.toSet());

    assertThat(found)
        .isEqualTo(RANKS.stream().flatMap(Set::stream).collect(Collectors.toSet()))
        .isNotEmpty();
  }

  @Test
  void packagesImportOnlyLowerRanks() {
    for (int rank = 0; rank < RANKS.size(); rank++) {
      for (String name : RANKS.get(rank)) {
        String[] forbidden =
            Stream.concat(
                    Stream.of(ROOT),
                    RANKS.subList(rank, RANKS.size()).stream()
                        .flatMap(Set::stream)
                        .filter(other -> !other.equals(name))
                        .map(ArchitectureTest::in))
                .toArray(String[]::new);
        noClasses()
            .that()
            .resideInAPackage(in(name))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(forbidden)
            .because("rank " + rank + " imports only lower ranks")
            .check(CODE);
      }
    }
  }

  @Test
  void purePackagesKnowNoInputOrOutput() {
    String[] allowed =
        Stream.concat(
                PURE.stream().map(ArchitectureTest::in),
                Stream.of(
                    "java.lang",
                    "java.lang.runtime",
                    "java.lang.invoke",
                    "java.util",
                    "java.util.function",
                    "java.util.regex",
                    "java.util.stream",
                    "java.time",
                    "java.math",
                    "java.nio.charset",
                    "org.jspecify.annotations"))
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAnyPackage(in(PURE))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(allowed)
                .or(equivalentTo(java.security.MessageDigest.class))
                .or(equivalentTo(java.security.NoSuchAlgorithmException.class)))
        .check(CODE);
  }

  @Test
  void purePackagesTakeTimeIdsAndRandomnessAsArguments() {
    noClasses()
        .that()
        .resideInAnyPackage(in(PURE))
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Random.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(RandomGenerator.class)
        .check(CODE);
  }

  @Test
  void sqlStaysBelowTheEdge() {
    noClasses()
        .that()
        .resideInAnyPackage(in("rpc"), in("server"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.jdbi..", "java.sql..", "org.postgresql..")
        .check(CODE);
  }

  @Test
  void onlyTheServerKnowsArmeria() {
    noClasses()
        .that()
        .resideOutsideOfPackage(in("server"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.linecorp.armeria..")
        .check(CODE);
  }

  @Test
  void nothingStartsAProcessButTheDatabaseItsOwnServer() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(EmbeddedDatabase.class.getName())
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ProcessBuilder.class)
        .orShould()
        .callMethodWhere(
            describe(
                "Runtime.exec",
                call ->
                    call.getTargetOwner().isEquivalentTo(Runtime.class)
                        && call.getName().equals("exec")))
        .check(CODE);
  }

  @Test
  void namesSayWhatAClassIs() {
    noClasses().should().haveNameMatching(".*(Impl|Utils?|Helper|Manager|DTO|Dto)").check(CODE);
  }

  @Test
  void nothingIsInjectedAndNoStaticHasState() {
    NO_CLASSES_SHOULD_USE_FIELD_INJECTION.check(CODE);
    NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(CODE);
    fields().that().areStatic().should().beFinal().check(CODE);
  }

  private static String in(String name) {
    return ROOT + "." + name;
  }

  private static String[] in(Set<String> names) {
    return names.stream().map(ArchitectureTest::in).toArray(String[]::new);
  }
}
