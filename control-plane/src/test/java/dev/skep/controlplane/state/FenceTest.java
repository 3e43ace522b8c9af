package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * No leader writes without the fence. A store of the leader is a class that holds the lease; all of
 * them are found and tried here, so a new one is covered without a line in this test.
 */
final class FenceTest {
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.skep.controlplane");

  private final TestDatabase test = TestDatabase.create();
  private final LeaderLease stale = new LeaderLease(test.database());
  private final LeaderLease leader = new LeaderLease(test.database());

  @BeforeEach
  void aStaleLeaderAndMuchToDo() {
    OrganizationId organization = test.addOrganization("one");
    test.addWorker("w1");
    test.addWorker("w2");
    test.addService(organization, "api", 2, Specs.minimal().build());
    test.execute("update container_workers set availability = 'REMOVED' where name = 'w2'");
    stale.start();
    test.execute("update leases set expires_at = clock_timestamp() - interval '1 second'");
    leader.start();
    assertThat(leader.epoch()).isEqualTo(2);
  }

  @AfterEach
  void close() {
    leader.close();
    stale.close();
    test.close();
  }

  @Test
  void everyTransactionOfALeadersStoreBeginsWithTheFence() {
    List<String> transactions = new ArrayList<>();
    for (JavaClass store : stores()) {
      for (JavaCodeUnit method : store.getCodeUnits()) {
        calls(method, Database.class, Set.of("inTransaction", "useTransaction"))
            .forEach(
                transaction -> {
                  transactions.add(method.getFullName());
                  assertThat(firstInside(method, transaction))
                      .as("the first call of the transaction in %s", method.getFullName())
                      .isEqualTo("LeaderLease.fence");
                });
      }
    }
    assertThat(transactions).hasSizeGreaterThan(2);
  }

  @Test
  void aLoopThatAsksWhoLeadsWritesThroughStoresThatHoldTheLease() {
    Set<String> stores = Set.copyOf(stores().stream().map(JavaClass::getName).toList());
    for (JavaClass loop :
        CODE.that(
            com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("..loop.."))) {
      if (!holdsLease(loop)) {
        continue;
      }
      assertThat(loop.getDirectDependenciesFromSelf())
          .map(dependency -> dependency.getTargetClass())
          .filteredOn(
              used ->
                  used.getAllFields().stream()
                      .anyMatch(f -> f.getRawType().isEquivalentTo(Database.class)))
          .as("what %s writes with", loop.getName())
          .filteredOn(used -> !used.isEquivalentTo(LeaderLease.class))
          .allMatch(used -> stores.contains(used.getName()));
    }
  }

  @Test
  void whatAStaleLeaderWritesThrowsAndLeavesNothing() throws Exception {
    Map<String, String> before = contents();
    List<String> refused = new ArrayList<>();
    for (JavaClass store : stores()) {
      Object instance = instance(store.reflect());
      for (Method method : store.reflect().getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers())) {
          if (throwsLeadershipLost(instance, method)) {
            refused.add(store.getSimpleName() + "." + method.getName());
          }
        }
      }
    }
    assertThat(refused)
        .contains("ClusterState.advance", "FleetUpkeep.tell", "FleetUpkeep.releaseRemoved");
    assertThat(contents()).isEqualTo(before);
  }

  private static List<JavaClass> stores() {
    return CODE.stream()
        .filter(c -> c.getPackageName().endsWith(".state") && holdsLease(c))
        .filter(
            c ->
                c.getFields().stream().anyMatch(f -> f.getRawType().isEquivalentTo(Database.class)))
        .toList();
  }

  private static boolean holdsLease(JavaClass candidate) {
    return candidate.getFields().stream()
        .anyMatch(field -> field.getRawType().isEquivalentTo(LeaderLease.class));
  }

  private static Stream<JavaMethodCall> calls(
      JavaCodeUnit from, Class<?> owner, Set<String> names) {
    return from.getMethodCallsFromSelf().stream()
        .filter(call -> call.getTargetOwner().isEquivalentTo(owner))
        .filter(call -> names.contains(call.getName()));
  }

  /** Lambdas count as part of the method that they stand in; its lines are in order. */
  private static String firstInside(JavaCodeUnit method, JavaMethodCall transaction) {
    return method.getMethodCallsFromSelf().stream()
        .filter(
            call ->
                call.isDeclaredInLambda() && call.getLineNumber() >= transaction.getLineNumber())
        .min(Comparator.comparingInt(JavaMethodCall::getLineNumber))
        .map(call -> call.getTargetOwner().getSimpleName() + "." + call.getName())
        .orElse("nothing");
  }

  private boolean throwsLeadershipLost(Object store, Method method) throws IllegalAccessException {
    try {
      method.invoke(store, Arrays.stream(method.getParameterTypes()).map(this::value).toArray());
      return false;
    } catch (InvocationTargetException e) {
      assertThat(e.getCause()).as(method.toString()).isInstanceOf(LeaderLease.LeadershipLost.class);
      return true;
    }
  }

  private Object instance(Class<?> store) throws ReflectiveOperationException {
    Constructor<?> constructor = store.getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    return constructor.newInstance(
        Arrays.stream(constructor.getParameterTypes()).map(this::value).toArray());
  }

  /** Something of a type, to call a method with that must not look at it. */
  private @Nullable Object value(Class<?> type) {
    if (type == Database.class) {
      return test.database();
    } else if (type == LeaderLease.class) {
      return stale;
    } else if (type == UUID.class) {
      return UUID.randomUUID();
    } else if (type == String.class) {
      return "x";
    } else if (type == long.class) {
      return 1L;
    } else if (type == int.class) {
      return 1;
    } else if (type == boolean.class) {
      return true;
    } else if (Collection.class.isAssignableFrom(type) || type == Iterable.class) {
      return type == Set.class ? Set.of() : List.of();
    } else if (Map.class.isAssignableFrom(type)) {
      return Map.of();
    } else if (type == java.time.Duration.class) {
      return java.time.Duration.ofMinutes(2);
    } else if (type == java.time.Instant.class) {
      return java.time.Instant.now();
    } else if (type == java.util.function.Supplier.class) {
      return test.ids();
    } else if (type.isEnum()) {
      return type.getEnumConstants()[0];
    } else if (type.isRecord()) {
      return record(type);
    } else if (type.isInterface()) {
      return Proxy.newProxyInstance(
          type.getClassLoader(),
          new Class<?>[] {type},
          (proxy, method, arguments) -> {
            throw new AssertionError("a stale leader has got as far as planning");
          });
    }
    throw new AssertionError("teach this test to make a " + type.getName());
  }

  private Object record(Class<?> type) {
    try {
      Class<?>[] types =
          Arrays.stream(type.getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(Arrays.stream(types).map(this::value).toArray());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("cannot make a " + type.getName(), e);
    }
  }

  /** A digest of each table. */
  private Map<String, String> contents() {
    Map<String, String> contents = new TreeMap<>();
    for (String table :
        test.list(
            String.class,
            "select tablename::text from pg_tables where schemaname = 'public' and tablename <> 'leases'")) {
      contents.put(
          table,
          test.list(
                  String.class,
                  "select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from "
                      + table
                      + " t")
              .getFirst());
    }
    return contents;
  }
}
