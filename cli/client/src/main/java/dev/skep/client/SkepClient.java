package dev.skep.client;

import dev.skep.v1.AccountServiceGrpc;
import dev.skep.v1.AccountServiceGrpc.AccountServiceBlockingStub;
import dev.skep.v1.AuditServiceGrpc;
import dev.skep.v1.AuditServiceGrpc.AuditServiceBlockingStub;
import dev.skep.v1.BillingServiceGrpc;
import dev.skep.v1.BillingServiceGrpc.BillingServiceBlockingStub;
import dev.skep.v1.ClustersServiceGrpc;
import dev.skep.v1.ClustersServiceGrpc.ClustersServiceBlockingStub;
import dev.skep.v1.DeploymentsServiceGrpc;
import dev.skep.v1.DeploymentsServiceGrpc.DeploymentsServiceBlockingStub;
import dev.skep.v1.GrantsServiceGrpc;
import dev.skep.v1.GrantsServiceGrpc.GrantsServiceBlockingStub;
import dev.skep.v1.InvitationsServiceGrpc;
import dev.skep.v1.InvitationsServiceGrpc.InvitationsServiceBlockingStub;
import dev.skep.v1.InvoicesServiceGrpc;
import dev.skep.v1.InvoicesServiceGrpc.InvoicesServiceBlockingStub;
import dev.skep.v1.LogsServiceGrpc;
import dev.skep.v1.LogsServiceGrpc.LogsServiceBlockingStub;
import dev.skep.v1.MembersServiceGrpc;
import dev.skep.v1.MembersServiceGrpc.MembersServiceBlockingStub;
import dev.skep.v1.NotificationsServiceGrpc;
import dev.skep.v1.NotificationsServiceGrpc.NotificationsServiceBlockingStub;
import dev.skep.v1.OrganizationsServiceGrpc;
import dev.skep.v1.OrganizationsServiceGrpc.OrganizationsServiceBlockingStub;
import dev.skep.v1.PaymentsServiceGrpc;
import dev.skep.v1.PaymentsServiceGrpc.PaymentsServiceBlockingStub;
import dev.skep.v1.QuotasServiceGrpc;
import dev.skep.v1.QuotasServiceGrpc.QuotasServiceBlockingStub;
import dev.skep.v1.SecretsServiceGrpc;
import dev.skep.v1.SecretsServiceGrpc.SecretsServiceBlockingStub;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.ServicesServiceGrpc.ServicesServiceBlockingStub;
import dev.skep.v1.SsoServiceGrpc;
import dev.skep.v1.SsoServiceGrpc.SsoServiceBlockingStub;
import dev.skep.v1.SystemServiceGrpc;
import dev.skep.v1.SystemServiceGrpc.SystemServiceBlockingStub;
import dev.skep.v1.TemplatesServiceGrpc;
import dev.skep.v1.TemplatesServiceGrpc.TemplatesServiceBlockingStub;
import dev.skep.v1.TokensServiceGrpc;
import dev.skep.v1.TokensServiceGrpc.TokensServiceBlockingStub;
import dev.skep.v1.UsersServiceGrpc;
import dev.skep.v1.UsersServiceGrpc.UsersServiceBlockingStub;
import dev.skep.v1.VolumesServiceGrpc;
import dev.skep.v1.VolumesServiceGrpc.VolumesServiceBlockingStub;
import dev.skep.v1.WorkersServiceGrpc;
import dev.skep.v1.WorkersServiceGrpc.WorkersServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * An open connection to the control planes of one installation. Every call through it has a
 * deadline; one that can be repeated goes on to the next control plane when one is away, and
 * changes carry a key, so that none is made twice.
 */
public final class SkepClient implements AutoCloseable {
  private static final Duration CALL_DEADLINE = Duration.ofSeconds(20);
  private static final Duration STREAM_DEADLINE = Duration.ofMinutes(10);

  private final Target target;
  private final FailoverChannel transport;
  private final Channel channel;

  private SkepClient(Target target, FailoverChannel transport) {
    this.target = target;
    this.transport = transport;
    this.channel = ClientInterceptors.intercept(transport, new CallHeaders(target));
  }

  /**
   * Does not connect before the first call.
   *
   * @throws IllegalArgumentException when the target's certificates are none
   */
  public static SkepClient connect(Target target) {
    return new SkepClient(target, Transport.open(target));
  }

  /** Where it goes, and as whom. */
  public Target target() {
    return target;
  }

  /**
   * Runs calls.
   *
   * @throws SkepException when one of them fails
   */
  public <T> T call(Supplier<T> calls) {
    try {
      return calls.get();
    } catch (StatusRuntimeException e) {
      throw SkepException.of(e, target);
    }
  }

  public ServicesServiceBlockingStub services() {
    return limited(ServicesServiceGrpc.newBlockingStub(channel));
  }

  public DeploymentsServiceBlockingStub deployments() {
    return limited(DeploymentsServiceGrpc.newBlockingStub(channel));
  }

  public WorkersServiceBlockingStub workers() {
    return limited(WorkersServiceGrpc.newBlockingStub(channel));
  }

  public ClustersServiceBlockingStub clusters() {
    return limited(ClustersServiceGrpc.newBlockingStub(channel));
  }

  public AccountServiceBlockingStub account() {
    return limited(AccountServiceGrpc.newBlockingStub(channel));
  }

  public SsoServiceBlockingStub sso() {
    return limited(SsoServiceGrpc.newBlockingStub(channel));
  }

  public OrganizationsServiceBlockingStub organizations() {
    return limited(OrganizationsServiceGrpc.newBlockingStub(channel));
  }

  public MembersServiceBlockingStub members() {
    return limited(MembersServiceGrpc.newBlockingStub(channel));
  }

  public GrantsServiceBlockingStub grants() {
    return limited(GrantsServiceGrpc.newBlockingStub(channel));
  }

  public InvitationsServiceBlockingStub invitations() {
    return limited(InvitationsServiceGrpc.newBlockingStub(channel));
  }

  public UsersServiceBlockingStub users() {
    return limited(UsersServiceGrpc.newBlockingStub(channel));
  }

  public TokensServiceBlockingStub tokens() {
    return limited(TokensServiceGrpc.newBlockingStub(channel));
  }

  public QuotasServiceBlockingStub quotas() {
    return limited(QuotasServiceGrpc.newBlockingStub(channel));
  }

  public PaymentsServiceBlockingStub payments() {
    return limited(PaymentsServiceGrpc.newBlockingStub(channel));
  }

  public BillingServiceBlockingStub billing() {
    return limited(BillingServiceGrpc.newBlockingStub(channel));
  }

  public InvoicesServiceBlockingStub invoices() {
    return limited(InvoicesServiceGrpc.newBlockingStub(channel));
  }

  public AuditServiceBlockingStub audit() {
    return limited(AuditServiceGrpc.newBlockingStub(channel));
  }

  public NotificationsServiceBlockingStub notifications() {
    return limited(NotificationsServiceGrpc.newBlockingStub(channel));
  }

  public VolumesServiceBlockingStub volumes() {
    return limited(VolumesServiceGrpc.newBlockingStub(channel));
  }

  public SecretsServiceBlockingStub secrets() {
    return limited(SecretsServiceGrpc.newBlockingStub(channel));
  }

  public TemplatesServiceBlockingStub templates() {
    return limited(TemplatesServiceGrpc.newBlockingStub(channel));
  }

  public SystemServiceBlockingStub system() {
    return limited(SystemServiceGrpc.newBlockingStub(channel));
  }

  public LogsServiceBlockingStub logs() {
    return limited(LogsServiceGrpc.newBlockingStub(channel));
  }

  /** For streams without an end: they are cut now and then and go on from their cursor. */
  public LogsServiceBlockingStub logStreams() {
    return LogsServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(STREAM_DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    transport.shutdownNow();
  }

  private static <S extends AbstractStub<S>> S limited(S stub) {
    return stub.withDeadlineAfter(CALL_DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }
}
