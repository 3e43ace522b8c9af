package dev.skep.controlplane.templates;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.TemplateOwner;
import dev.skep.v1.TemplateSpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/** Templates that an organization sees; without one, those of the platform. */
final class TemplateStore {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  /** What a later version wrote is no reason to fail. */
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private static final String SEEN =
      " from application_templates where (organization_id = :organization or organization_id is null)";

  private static final String LIST =
      """
      select id, organization_id, name, built_in, version, created_at, updated_at, spec - '{variables,services}'::text[] as spec
      %s
        and name collate "C" > :after and name collate "C" >= :prefix and name collate "C" < :prefix || '~'
        and (:tag = '' or jsonb_exists(spec -> 'tags', :tag))
        and (:search = '' or strpos(lower(concat_ws(' ', name, spec ->> 'title', spec ->> 'description')), lower(:search)) > 0)
        and (:owner = '' or :owner = case when built_in then 'BUILT_IN' when organization_id is null then 'PLATFORM' else 'ORGANIZATION' end)
      order by name collate "C" limit :limit
      """
          .formatted(SEEN);

  private static final String INSERT =
      "insert into application_templates (id, organization_id, name, built_in, spec)"
          + " values (:id, :organization, :name, :builtIn, :spec::jsonb)";

  /** One that is as it should be keeps its etag. */
  private static final String WRITE_BUILT_IN =
      """
      insert into application_templates as t (id, name, built_in, spec) values (:id, :name, true, :spec::jsonb)
      on conflict (organization_id, name) do update set spec = excluded.spec, version = t.version + 1
      where t.built_in and t.spec <> excluded.spec
      """;

  private final Handle handle;
  private final @Nullable UUID organization;

  private TemplateStore(Handle handle, @Nullable UUID organization) {
    this.handle = handle;
    this.organization = organization;
  }

  static TemplateStore of(Handle handle, OrganizationId organization) {
    return new TemplateStore(handle, organization.value());
  }

  static TemplateStore ofPlatform(Handle handle) {
    return new TemplateStore(handle, null);
  }

  /** What a list is narrowed to; what is empty does not count. */
  record Filter(String prefix, String tag, String search, String owner) {}

  /** By name, starting after one; without variables and services. */
  List<TemplateRecord> list(Filter filter, String after, int limit) {
    return handle
        .createQuery(LIST)
        .bind("organization", organization)
        .bind("after", after)
        .bind("prefix", filter.prefix)
        .bind("tag", filter.tag)
        .bind("search", filter.search)
        .bind("owner", filter.owner)
        .bind("limit", limit)
        .map((row, c) -> record(row))
        .list();
  }

  /**
   * One template, by id or name.
   *
   * @throws Refusal TEMPLATE_NOT_FOUND also when it belongs to somebody else
   */
  TemplateRecord get(String key) {
    return one(key, "").orElseThrow(() -> notFound(key));
  }

  /** Like {@link #get}; nobody else writes it until the transaction ends. */
  TemplateRecord lock(String key) {
    return one(key, " for update").orElseThrow(() -> notFound(key));
  }

  private Optional<TemplateRecord> one(String key, String how) {
    boolean isId = Paging.ID.matcher(key).matches();
    return handle
        .createQuery("select *" + SEEN + (isId ? " and id = :key::uuid" : " and name = :key") + how)
        .bind("organization", organization)
        .bind("key", key)
        .map((row, c) -> record(row))
        .findOne();
  }

  static Refusal notFound(String key) {
    String shown = key.length() > 70 ? key.substring(0, 70) + "…" : key;
    return new Refusal(
        Reason.TEMPLATE_NOT_FOUND,
        "there is no template \"" + shown + "\"; see: skep templates ls");
  }

  /** How many the owner has; nobody else adds one until the transaction ends. */
  int count() {
    handle
        .createQuery("select pg_advisory_xact_lock(hashtextextended(:key, 23))")
        .bind("key", "templates/" + organization)
        .mapTo(String.class)
        .one();
    return handle
        .createQuery(
            "select count(*) from application_templates where organization_id is not distinct from :organization")
        .bind("organization", organization)
        .mapTo(Integer.class)
        .one();
  }

  /**
   * Adds one.
   *
   * @throws Refusal NAME_TAKEN
   */
  void create(UUID id, String name, boolean builtIn, TemplateSpec spec) {
    try {
      handle
          .createUpdate(INSERT)
          .bind("id", id)
          .bind("organization", organization)
          .bind("name", name)
          .bind("builtIn", builtIn)
          .bind("spec", json(spec))
          .execute();
    } catch (UnableToExecuteStatementException e) {
      if (Database.brokenConstraint(e).isPresent()) {
        throw Refusal.ofField(
            Reason.NAME_TAKEN, "name", "a template \"" + name + "\" exists; choose another name");
      }
      throw e;
    }
  }

  /**
   * Makes the built-in templates the ones that are given. One that the platform's admins wrote
   * keeps its name.
   */
  void writeBuiltIn(List<CreateTemplateRequest> templates, Supplier<UUID> ids) {
    for (CreateTemplateRequest template : templates) {
      handle
          .createUpdate(WRITE_BUILT_IN)
          .bind("id", ids.get())
          .bind("name", template.getName())
          .bind("spec", json(template.getSpec()))
          .execute();
    }
    handle
        .createUpdate("delete from application_templates where built_in and name <> all(:names)")
        .bind(
            "names", templates.stream().map(CreateTemplateRequest::getName).toArray(String[]::new))
        .execute();
  }

  void update(UUID id, TemplateSpec spec) {
    handle
        .createUpdate(
            "update application_templates set spec = :spec::jsonb, version = version + 1"
                + " where id = :id and organization_id is not distinct from :organization")
        .bind("spec", json(spec))
        .bind("id", id)
        .bind("organization", organization)
        .execute();
  }

  void delete(UUID id) {
    handle
        .createUpdate(
            "delete from application_templates where id = :id and organization_id is not distinct from :organization")
        .bind("id", id)
        .bind("organization", organization)
        .execute();
  }

  private static TemplateRecord record(ResultSet row) throws SQLException {
    return new TemplateRecord(
        row.getObject("id", UUID.class),
        row.getString("name"),
        owner(row),
        spec(row.getString("spec")),
        row.getLong("version"),
        row.getTimestamp("created_at").toInstant(),
        row.getTimestamp("updated_at").toInstant());
  }

  private static TemplateOwner owner(ResultSet row) throws SQLException {
    if (row.getBoolean("built_in")) {
      return TemplateOwner.TEMPLATE_OWNER_BUILT_IN;
    }
    return row.getObject("organization_id") == null
        ? TemplateOwner.TEMPLATE_OWNER_PLATFORM
        : TemplateOwner.TEMPLATE_OWNER_ORGANIZATION;
  }

  private static String json(TemplateSpec spec) {
    try {
      return PRINTER.print(spec);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("our own messages can be printed", e);
    }
  }

  private static TemplateSpec spec(String json) {
    try {
      TemplateSpec.Builder spec = TemplateSpec.newBuilder();
      PARSER.merge(json, spec);
      return spec.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a template that no version of ours wrote", e);
    }
  }
}
