package dev.skep.controlplane.services;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.workload.SecretRules;
import dev.skep.controlplane.workload.SecretUse;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.SpecRules;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Which version of each secret a release has: the newest of the moment in which it is made. */
final class SecretPins {
  private static final String NEWEST =
      """
      select s.id, s.name, v.number, v.size_bytes, v.is_text
      from container_secrets s
      join container_secret_versions v
        on v.organization_id = s.organization_id and v.secret_id = s.id and v.number = s.last_version
      where s.organization_id = :organization and s.name = any(:names)
      """;

  private static final String PIN =
      """
      insert into container_service_secrets
        (organization_id, service_id, release_id, position, secret_id, number, variable, path, mode, uid, gid)
      values (:organization, :service, :release, :position, :secret, :number, :variable, :path, :mode, :uid, :gid)
      """;

  private static final String OUTDATED =
      """
      select exists (
        select 1 from container_service_secrets u
        join container_secrets s on s.organization_id = u.organization_id and s.id = u.secret_id
        where u.organization_id = :organization and u.release_id = :release and u.number < s.last_version)
      """;

  private final Handle handle;
  private final OrganizationId organization;

  SecretPins(Handle handle, OrganizationId organization) {
    this.handle = handle;
    this.organization = organization;
  }

  /** The newest version of a secret, without its value. */
  private record Newest(UUID id, String name, int number, int bytes, boolean text) {
    static Newest of(ResultSet row) throws SQLException {
      return new Newest(
          row.getObject("id", UUID.class),
          row.getString("name"),
          row.getInt("number"),
          row.getInt("size_bytes"),
          row.getBoolean("is_text"));
    }
  }

  /**
   * For somebody who only wants to know: making a release finds out by itself.
   *
   * @throws Refusal INVALID_FIELD naming every use that cannot be
   */
  void check(ServiceSpec spec) {
    Refusal.ifAny(wrong(spec, newest(spec)));
  }

  /**
   * For somebody who may write this service alone: with a secret that it does not have yet, what it
   * prints would tell a value that is not theirs to know.
   *
   * @throws Refusal PERMISSION_DENIED, whether there is such a secret or not
   */
  static void checkKnown(ServiceSpec before, dev.skep.v1.ServiceSpec named) {
    List<String> known = before.secrets().stream().map(SecretUse::secret).toList();
    for (int i = 0; i < named.getSecretsCount(); i++) {
      if (!known.contains(named.getSecrets(i).getSecret())) {
        throw Refusal.ofField(
            Reason.PERMISSION_DENIED,
            "spec.secrets[" + i + "].secret",
            "the service does not have this secret yet; somebody who may write all services of the"
                + " organization can give it");
      }
    }
  }

  /**
   * Writes the versions of a new release.
   *
   * @throws Refusal INVALID_FIELD naming every use that cannot be
   */
  void pin(ServiceId service, ReleaseId release, ServiceSpec spec) {
    Map<String, Newest> newest = newest(spec);
    Refusal.ifAny(wrong(spec, newest));
    for (int i = 0; i < spec.secrets().size(); i++) {
      SecretUse use = spec.secrets().get(i);
      Newest version = java.util.Objects.requireNonNull(newest.get(use.secret()));
      handle
          .createUpdate(PIN)
          .bind("organization", organization.value())
          .bind("service", service.value())
          .bind("release", release.value())
          .bind("position", i)
          .bind("secret", version.id)
          .bind("number", version.number)
          .bind("variable", use.variable())
          .bind("path", use.path())
          .bind("mode", use.mode())
          .bind("uid", use.uid())
          .bind("gid", use.gid())
          .execute();
    }
  }

  /** Whether a newer version of one of its secrets is there. */
  boolean outdated(ReleaseId release) {
    return handle
        .createQuery(OUTDATED)
        .bind("organization", organization.value())
        .bind("release", release.value())
        .mapTo(Boolean.class)
        .one();
  }

  private Map<String, Newest> newest(ServiceSpec spec) {
    Map<String, Newest> newest = new HashMap<>();
    if (!spec.secrets().isEmpty()) {
      handle
          .createQuery(NEWEST)
          .bind("organization", organization.value())
          .bind("names", spec.secrets().stream().map(SecretUse::secret).toArray(String[]::new))
          .map((row, c) -> Newest.of(row))
          .forEach(one -> newest.put(one.name, one));
    }
    return newest;
  }

  private static List<FieldViolation> wrong(ServiceSpec spec, Map<String, Newest> newest) {
    List<FieldViolation> wrong = new ArrayList<>();
    long variables = 0;
    long files = 0;
    for (int i = 0; i < spec.secrets().size(); i++) {
      SecretUse use = spec.secrets().get(i);
      Newest version = newest.get(use.secret());
      String field = "spec.secrets[" + i + "]";
      missing(field, use, version, wrong);
      if (version != null && use.isFile()) {
        files += version.bytes;
      } else if (version != null) {
        variable(field, version, wrong);
        variables += version.bytes + SpecRules.bytes(use.variable());
      }
    }
    sums(spec, variables, files, wrong);
    return wrong;
  }

  private static void missing(
      String field, SecretUse use, @Nullable Newest version, List<FieldViolation> wrong) {
    if (version == null) {
      wrong.add(
          new FieldViolation(
              field + ".secret",
              "there is no secret \""
                  + use.secret()
                  + "\"; make it first: skep secrets create "
                  + use.secret()));
    }
  }

  private static void variable(String field, Newest version, List<FieldViolation> wrong) {
    if (!version.text || version.bytes > SecretRules.MAX_VARIABLE_BYTES) {
      wrong.add(
          new FieldViolation(
              field + ".env",
              "the secret "
                  + version.name
                  + " cannot be a variable: that takes UTF-8 text without NUL of at most "
                  + SecretRules.MAX_VARIABLE_BYTES
                  + " bytes; use it as a file"));
    }
  }

  private static void sums(
      ServiceSpec spec, long variables, long files, List<FieldViolation> wrong) {
    long env =
        spec.env().entrySet().stream()
            .mapToLong(e -> SpecRules.bytes(e.getKey()) + SpecRules.bytes(e.getValue()))
            .sum();
    if (variables > 0 && env + variables > SpecRules.MAX_ENV_BYTES) {
      wrong.add(
          new FieldViolation(
              "spec.secrets",
              "with the secrets, the environment has "
                  + (env + variables)
                  + " bytes; at most "
                  + SpecRules.MAX_ENV_BYTES
                  + " are allowed"));
    }
    if (files > SecretRules.MAX_FILES_BYTES) {
      wrong.add(
          new FieldViolation(
              "spec.secrets",
              "the files have " + files + " bytes; at most " + SecretRules.MAX_FILES_BYTES));
    }
  }
}
