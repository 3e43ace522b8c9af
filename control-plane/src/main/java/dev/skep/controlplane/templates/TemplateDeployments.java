package dev.skep.controlplane.templates;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.secrets.NewSecrets;
import dev.skep.controlplane.services.NewServices;
import dev.skep.controlplane.services.SecretTurn;
import dev.skep.controlplane.vault.SecretValue;
import dev.skep.controlplane.workload.SecretRules;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.v1.DeployTemplateRequest;
import dev.skep.v1.DeployTemplateResponse;
import dev.skep.v1.Permission;
import dev.skep.v1.SecretUse;
import dev.skep.v1.Service;
import dev.skep.v1.TemplateSpec;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** Makes what templates say: all services and secrets of a deployment, or nothing. */
final class TemplateDeployments {
  private final Database database;
  private final NewServices services;
  private final NewSecrets secrets;
  private final SecureRandom random = new SecureRandom();

  TemplateDeployments(Database database, NewServices services, NewSecrets secrets) {
    this.database = database;
    this.services = services;
    this.secrets = secrets;
  }

  DeployTemplateResponse deploy(
      Caller caller, TemplateRecord template, DeployTemplateRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    UUID requestId = NewServices.requestId(request.getRequestId(), wrong);
    Rendering rendering =
        render(template.spec(), request.getName(), request.getVariablesMap(), wrong);
    if (!rendering.secrets().isEmpty()) {
      caller.require(Permission.PERMISSION_SECRETS_WRITE);
    }
    List<NewServices.Ready> ready = ready(rendering);
    NewServices.Once once = new NewServices.Once(requestId, hash(template.spec(), request));
    return database.inTransaction(
        handle -> {
          SecretTurn.releasing(handle, caller.organization());
          List<ServiceId> earlier = services.earlier(handle, caller.organization(), once);
          List<ServiceId> made =
              earlier.isEmpty() ? write(handle, caller, rendering, ready, once) : earlier;
          List<Service> shown = NewServices.show(handle, caller.organization(), made);
          return DeployTemplateResponse.newBuilder()
              .addAllServices(shown)
              .addAllSecrets(secrets(request.getName(), shown))
              .addAllWarnings(
                  ready.stream().flatMap(r -> NewServices.warnings(r).stream()).toList())
              .build();
        });
  }

  /**
   * Fills the blanks.
   *
   * @throws Refusal INVALID_FIELD with everything that is wrong with the request
   */
  Rendering render(
      TemplateSpec template, String name, Map<String, String> given, List<FieldViolation> wrong) {
    wrong.addAll(SpecRules.name(name));
    Values values =
        Values.of(template, name, given, v -> Generated.value(v.getGenerate(), random), wrong);
    Refusal.ifAny(wrong);
    Rendering rendering = Rendering.of(template, values);
    for (String secret : rendering.secrets().keySet()) {
      if (!SecretRules.name(secret).isEmpty()) {
        wrong.add(
            new FieldViolation(
                "name",
                "makes the name of a secret too long: " + secret + "; choose a shorter one"));
      }
    }
    Refusal.ifAny(wrong);
    return rendering;
  }

  private List<NewServices.Ready> ready(Rendering rendering) {
    List<NewServices.Ready> ready = new ArrayList<>();
    rendering
        .services()
        .forEach((name, spec) -> ready.add(inside(ready.size(), () -> services.ready(name, spec))));
    return ready;
  }

  /** Says in which service of the template something is wrong. */
  static <T> T inside(int service, Supplier<T> work) {
    try {
      return work.get();
    } catch (Refusal e) {
      if (e.fields().isEmpty()) {
        throw e;
      }
      String path = BlankRules.path(service);
      List<FieldViolation> fields =
          e.fields().stream().map(broken -> BlankRules.inside(path, broken)).toList();
      FieldViolation first = fields.getFirst();
      throw new Refusal(e.reason(), first.field() + ": " + first.description(), fields);
    }
  }

  private List<ServiceId> write(
      Handle handle,
      Caller caller,
      Rendering rendering,
      List<NewServices.Ready> ready,
      NewServices.Once once) {
    NewSecrets.Author author = new NewSecrets.Author(caller.organization(), caller.userName());
    rendering
        .secrets()
        .forEach(
            (name, value) -> {
              var _ = secrets.write(handle, author, name, SecretValue.of(value.getBytes(UTF_8)));
            });
    Amounts more = Amounts.of(Resource.SECRETS, rendering.secrets().size());
    return services.write(handle, caller.organization(), ready, once, more);
  }

  /** Without the values of secrets, which nobody shall be able to try against it. */
  private static byte[] hash(TemplateSpec template, DeployTemplateRequest request) {
    Map<String, String> open = new TreeMap<>(request.getVariablesMap());
    open.keySet().removeAll(Rendering.secrets(template));
    return Digests.sha256(
        request.toBuilder().clearVariables().putAllVariables(open).build().toByteArray());
  }

  /** Secrets that a deployment made are called after it, or after one of its services. */
  private static List<String> secrets(String name, List<Service> services) {
    List<String> prefixes =
        Stream.concat(Stream.of(name), services.stream().map(Service::getName))
            .map(prefix -> prefix + ".")
            .toList();
    return services.stream()
        .flatMap(service -> service.getSpec().getSecretsList().stream())
        .map(SecretUse::getSecret)
        .filter(secret -> prefixes.stream().anyMatch(secret::startsWith))
        .distinct()
        .sorted()
        .toList();
  }
}
