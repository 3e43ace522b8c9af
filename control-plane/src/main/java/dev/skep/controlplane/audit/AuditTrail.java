package dev.skep.controlplane.audit;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Tenant;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.v1.AccessProto;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes calls down: those that change something in the very transaction of the change, and those
 * that are refused.
 */
public final class AuditTrail {
  private static final Logger log = LoggerFactory.getLogger(AuditTrail.class);
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private static final ScopedValue<AtomicReference<String>> BEFORE = ScopedValue.newInstance();

  private static final ScopedValue<AtomicReference<OrganizationId>> ORGANIZATION =
      ScopedValue.newInstance();

  /** Of a request; what is longer is cut. */
  private static final int MAX_REQUEST = 16 << 10;

  private static final int MAX_TEXT = 1_000;

  private final AuditStore store;
  private final Supplier<UUID> ids;

  public AuditTrail(Database database, Supplier<UUID> ids) {
    this.store = new AuditStore(database);
    this.ids = ids;
  }

  /** One call that is under way. */
  public final class Attempt {
    private final UUID id = ids.get();
    private final Caller caller;
    private final Origin origin;
    private final String action;
    private final List<String> resourceFields;
    private volatile String resource = "";
    private volatile String request = "{}";
    private final AtomicReference<String> before = new AtomicReference<>("");

    private final AtomicReference<OrganizationId> organization;

    private Attempt(Caller caller, Origin origin, String action, List<String> resourceFields) {
      this.caller = caller;
      this.organization = new AtomicReference<>(caller.organization());
      this.origin = origin;
      this.action = action;
      this.resourceFields = resourceFields;
    }

    public void asks(Message message) {
      resource = resource(message, resourceFields);
      request = cut(json(message), MAX_REQUEST);
    }

    /** Runs the handler; every transaction of its thread that commits brings the entry with it. */
    public void around(Runnable handler) {
      var _ =
          answering(
              () -> {
                handler.run();
                return true;
              });
    }

    /** Like {@link #around} for what answers something. */
    public <T> T answering(Supplier<T> handler) {
      return ScopedValue.where(
              Database.ALONGSIDE, handle -> AuditStore.append(handle, entry(AuditEntry.DONE, "")))
          .where(BEFORE, before)
          .where(ORGANIZATION, organization)
          .call(handler::get);
    }

    /** After everything was rolled back; does nothing when something was not. */
    public void refused(String reason, String message) {
      try {
        store.append(entry(reason, cut(message, MAX_TEXT)));
      } catch (RuntimeException e) {
        log.warn(
            "cannot write down that {} was refused: {}",
            action,
            Tenant.walled(e).orElseGet(() -> String.valueOf(e.getMessage())));
      }
    }

    private AuditEntry entry(String outcome, String message) {
      return AuditEntry.of(
          id,
          caller,
          organization.get(),
          new AuditEntry.Call(
              origin.address(), origin.requestId(), action, resource, request, before.get()),
          outcome,
          message);
    }
  }

  /** Says what the current call changes, as it is before; nobody listens outside of a call. */
  public static void before(Message message) {
    if (BEFORE.isBound()) {
      BEFORE.get().set(cut(json(message), MAX_REQUEST));
    }
  }

  /** Says that the current call turned out to be about this organization. */
  public static void about(OrganizationId organization) {
    if (ORGANIZATION.isBound()) {
      ORGANIZATION.get().set(organization);
    }
  }

  /**
   * A call that begins.
   *
   * @param resourceFields the request's fields that say what it is about, the first that is set
   *     wins
   */
  public Attempt attempt(Caller caller, Origin origin, String action, List<String> resourceFields) {
    return new Attempt(caller, origin, action, resourceFields);
  }

  /** Gives entries their place in the chain; to be called every second. */
  public void seal() {
    int sealed;
    do {
      sealed = store.seal();
    } while (sealed == AuditStore.BATCH);
  }

  /** Lets entries go that were kept for long enough; can be called at any time. */
  public void dropOld(Instant before) {
    int dropped;
    do {
      dropped = store.drop(before);
    } while (dropped == AuditStore.BATCH);
  }

  AuditStore store() {
    return store;
  }

  private static String resource(Message message, List<String> fields) {
    return fields.stream()
        .map(name -> message.getDescriptorForType().findFieldByName(name))
        .filter(field -> field != null && field.getJavaType() == FieldDescriptor.JavaType.STRING)
        .map(field -> String.valueOf(message.getField(field)))
        .filter(text -> !text.isEmpty())
        .map(text -> cut(text, MAX_TEXT))
        .findFirst()
        .orElse("");
  }

  static String json(Message message) {
    try {
      return JSON.print(withoutValues(message));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("our own messages can be printed", e);
    }
  }

  /** Without what is marked sensitive; of maps the keys stay. */
  private static Message withoutValues(Message message) {
    Message.Builder builder = message.toBuilder();
    message.getAllFields().forEach((field, value) -> builder.setField(field, shown(field, value)));
    return builder.build();
  }

  private static Object shown(FieldDescriptor field, Object value) {
    boolean sensitive = field.getOptions().getExtension(AccessProto.sensitive);
    if (value instanceof List<?> list) {
      return list.stream().map(one -> one(field, one, sensitive)).toList();
    }
    return one(field, value, sensitive);
  }

  private static Object one(FieldDescriptor field, Object value, boolean sensitive) {
    if (sensitive && field.isMapField()) {
      Message entry = (Message) value;
      return entry.toBuilder()
          .setField(entry.getDescriptorForType().findFieldByName("value"), "(not shown)")
          .build();
    }
    if (sensitive) {
      // Of bytes not even the length.
      return value instanceof ByteString ? ByteString.EMPTY : "(not shown)";
    }
    return value instanceof Message inner && !field.isMapField() ? withoutValues(inner) : value;
  }

  private static String cut(String text, int max) {
    // PostgreSQL has no NUL.
    String clean = text.replace("\0", "");
    return clean.length() <= max ? clean : clean.substring(0, max) + "…";
  }
}
