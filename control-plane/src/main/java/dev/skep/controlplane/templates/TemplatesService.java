package dev.skep.controlplane.templates;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.v1.TemplateOwner;
import dev.skep.v1.TemplateSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** What people do with templates themselves; each use case is one transaction. */
final class TemplatesService {
  private static final int MAX = 200;

  private final Database database;
  private final Supplier<UUID> ids;

  TemplatesService(Database database, Supplier<UUID> ids) {
    this.database = database;
    this.ids = ids;
  }

  /** Whose templates are written: those of an organization, or {@link #PLATFORM}'s. */
  record Owner(
      Function<Handle, TemplateStore> store,
      Function<String, List<FieldViolation>> nameRule,
      TemplateOwner kind) {
    static final Owner PLATFORM =
        new Owner(
            TemplateStore::ofPlatform,
            TemplateRules::platformName,
            TemplateOwner.TEMPLATE_OWNER_PLATFORM);

    static Owner of(OrganizationId organization) {
      return new Owner(
          handle -> TemplateStore.of(handle, organization),
          TemplateRules::name,
          TemplateOwner.TEMPLATE_OWNER_ORGANIZATION);
    }
  }

  List<TemplateRecord> list(
      OrganizationId organization, TemplateStore.Filter filter, String after, int limit) {
    return database.read(
        handle -> TemplateStore.of(handle, organization).list(filter, after, limit));
  }

  TemplateRecord get(OrganizationId organization, String template) {
    return database.read(handle -> TemplateStore.of(handle, organization).get(template));
  }

  TemplateRecord create(Owner owner, String name, TemplateSpec spec) {
    List<FieldViolation> wrong = new ArrayList<>(owner.nameRule.apply(name));
    wrong.addAll(TemplateRules.spec(spec));
    Refusal.ifAny(wrong);
    UUID id = ids.get();
    return database.inTransaction(
        handle -> {
          TemplateStore store = owner.store.apply(handle);
          if (store.count() >= MAX) {
            throw new Refusal(
                Reason.TOO_MANY_TEMPLATES,
                "there are " + MAX + " templates already; delete one that nobody needs");
          }
          store.create(id, name, false, spec);
          return store.get(id.toString());
        });
  }

  TemplateRecord update(Owner owner, TemplateUpdate update) {
    Refusal.ifAny(update.wrongPaths());
    return database.inTransaction(
        handle -> {
          TemplateStore store = owner.store.apply(handle);
          TemplateRecord current = own(owner, store, update.template());
          if (!update.etag().isEmpty() && !update.etag().equals(current.etag())) {
            throw new Refusal(
                Reason.ETAG_MISMATCH,
                "the template was changed by somebody else; read it again and repeat the update");
          }
          AuditTrail.before(current.spec());
          TemplateSpec spec = update.apply(current.spec());
          Refusal.ifAny(TemplateRules.spec(spec));
          store.update(current.id(), spec);
          return store.get(current.id().toString());
        });
  }

  void delete(Owner owner, String template) {
    database.useTransaction(
        handle -> {
          TemplateStore store = owner.store.apply(handle);
          TemplateRecord current = own(owner, store, template);
          AuditTrail.before(current.spec());
          store.delete(current.id());
        });
  }

  /** One that the owner may write, held until the transaction ends. */
  private static TemplateRecord own(Owner owner, TemplateStore store, String key) {
    TemplateRecord seen = store.get(key);
    if (seen.builtIn()) {
      throw new Refusal(
          Reason.TEMPLATE_BUILT_IN,
          "the template " + seen.name() + " ships with Skep; make one of your own from it");
    }
    if (seen.owner() != owner.kind) {
      throw new Refusal(
          Reason.PERMISSION_DENIED,
          "the template "
              + seen.name()
              + " is the platform's, whose admins write it; make one of your own from it");
    }
    return store.lock(seen.id().toString());
  }
}
