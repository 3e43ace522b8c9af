package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Timestamp;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.BillingServiceGrpc;
import dev.skep.v1.CreatePriceListRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.DeletePriceListRequest;
import dev.skep.v1.DeployTemplateRequest;
import dev.skep.v1.DownloadInvoiceRequest;
import dev.skep.v1.DownloadStatementRequest;
import dev.skep.v1.DownloadUsageRequest;
import dev.skep.v1.EstimateCostRequest;
import dev.skep.v1.GetInvoiceRequest;
import dev.skep.v1.GetUsageRequest;
import dev.skep.v1.GetWalletRequest;
import dev.skep.v1.GrantCreditRequest;
import dev.skep.v1.InvoicesServiceGrpc;
import dev.skep.v1.ListInvoicesRequest;
import dev.skep.v1.ListTransactionsRequest;
import dev.skep.v1.ListTransactionsResponse;
import dev.skep.v1.PlanServiceRequest;
import dev.skep.v1.PlanTemplateRequest;
import dev.skep.v1.PriceList;
import dev.skep.v1.Role;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.ServicesServiceGrpc.ServicesServiceBlockingStub;
import dev.skep.v1.StopServiceRequest;
import dev.skep.v1.TemplatesServiceGrpc;
import dev.skep.v1.UpdateWalletRequest;
import dev.skep.v1.VerifyBillingRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Money over the API, with everything behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BillingApiTest {
  /**
   * Of a service as it comes: a replica 100,000, a quarter of a vCPU 250,000 and of a GiB 500,000.
   */
  private static final long HOURLY = 850_000;

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    started = new TestControlPlane(directory, Map.of("CONTAINER_BILLING_ENABLED", "true"));
    skep()
        .sql(
            """
            insert into price_lists (currency, valid_from, minimum_seconds, replica_hour, vcpu_hour, memory_gib_hour,
                                     storage_gib_hour, egress_gib, build_minute, created_by)
            values ('EUR', date_trunc('hour', now(), 'UTC'), 60, 100000, 1000000, 2000000, 10000, 0, 0, 'test')
            """);
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @Test
  void nothingIsStartedThatTheWalletDoesNotCarry() throws Exception {
    TestTenant tenant = new TestTenant(skep(), "poor");
    var services = ServicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_DEPLOYER));
    var admin = BillingServiceGrpc.newBlockingStub(tenant.platform());
    assertThat(estimate(services.getChannel(), 1).getAffordable()).isFalse();

    var refusal = assertThrows(StatusRuntimeException.class, () -> create(services, "web"));
    assertThat(refusal.getStatus().getDescription())
        .contains("0.85 EUR is missing", "skep billing topup");
    assertThat(assertThrows(StatusRuntimeException.class, () -> plan(services, "web")))
        .hasMessage(refusal.getMessage());
    assertThat(skep().sql("select name from container_services where name = 'web'")).isEmpty();
    var answer =
        skep()
            .send(
                skep()
                    .authorized("/api/containers/services")
                    .header("skep-organization", "poor")
                    .header("content-type", "application/json")
                    .POST(
                        BodyPublishers.ofString(
                            "{\"name\": \"web\", \"spec\": {\"image\": \"%s\"}}"
                                .formatted(registry.image("web")))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(402);

    admin.grantCredit(grant(3 * HOURLY, "welcome"));
    admin.grantCredit(grant(3 * HOURLY, "welcome"));
    assertThat(wallet(tenant).getBalanceMicros()).isEqualTo(3 * HOURLY);
    List<Boolean> created;
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      created =
          executor
              .invokeAll(
                  IntStream.range(0, 40)
                      .<Callable<Boolean>>mapToObj(i -> () -> succeeds(services, "s" + i))
                      .toList())
              .stream()
              .map(java.util.concurrent.Future::resultNow)
              .toList();
    }
    assertThat(created).filteredOn(Boolean::booleanValue).hasSize(3);

    String one =
        skep().sql("select name from container_services where wanted = 'RUNNING'").getFirst();
    services.stopService(StopServiceRequest.newBuilder().setService(one).build());
    create(services, "instead");
    assertThat(admin.verifyBilling(VerifyBillingRequest.getDefaultInstance()).getFindingsList())
        .isEmpty();
  }

  @Test
  void aTemplateIsAskedForTheFirstHourOfAllItsServices() throws Exception {
    TestTenant tenant = new TestTenant(skep(), "half");
    var templates = TemplatesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_DEPLOYER));
    var admin = BillingServiceGrpc.newBlockingStub(tenant.platform());
    var _ = admin.grantCredit(grant(2 * HOURLY - 1, "nearly"));
    var pair = CreateTemplateRequest.newBuilder().setName("pair");
    for (String name : List.of("", "b")) {
      var service = pair.getSpecBuilder().addServicesBuilder().setName(name);
      service.getSpecBuilder().setImage(registry.image("web"));
    }
    var _ = templates.createTemplate(pair.build());
    var deploy = DeployTemplateRequest.newBuilder().setTemplate("pair").setName("a").build();
    var plan = PlanTemplateRequest.newBuilder().setTemplate("pair").setName("a").build();

    assertRefused("INSUFFICIENT_FUNDS", () -> templates.planTemplate(plan));
    assertRefused("INSUFFICIENT_FUNDS", () -> templates.deployTemplate(deploy));
    assertThat(skep().sql("select name from container_services where name in ('a', 'a-b')"))
        .isEmpty();
    var _ = admin.grantCredit(grant(1, "the rest"));
    assertThat(templates.planTemplate(plan).getServicesCount()).isEqualTo(2);
    assertThat(templates.deployTemplate(deploy).getServicesCount()).isEqualTo(2);
  }

  @Test
  void anEstimateSaysWhatAnHourADayAndAMonthCost() {
    TestTenant tenant = new TestTenant(skep(), "curious");
    var estimate = estimate(tenant.platform(), 2);

    assertThat(estimate.getCurrency()).isEqualTo("EUR");
    assertThat(estimate.getHourlyMicros()).isEqualTo(2 * HOURLY);
    assertThat(estimate.getDailyMicros()).isEqualTo(24 * 2 * HOURLY);
    assertThat(estimate.getMonthlyMicros()).isEqualTo(730 * 2 * HOURLY);
  }

  @Test
  void pricesBeginInTheFutureAndStayWhenTheyHave() {
    TestTenant tenant = new TestTenant(skep(), "prices");
    var admin = BillingServiceGrpc.newBlockingStub(tenant.platform());
    Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
    PriceList.Builder list =
        PriceList.newBuilder()
            .setCurrency("USD")
            .setVcpuHourMicros(30_000)
            .setStartTime(Timestamp.newBuilder().setSeconds(hour.getEpochSecond()));
    assertRefused("INVALID_FIELD", () -> admin.createPriceList(of(list)));
    list.setStartTime(Timestamp.newBuilder().setSeconds(hour.getEpochSecond() + 7200));
    assertRefused(
        "INVALID_FIELD",
        () ->
            admin.createPriceList(
                of(
                    list.clone()
                        .setCurrency("ABC")
                        .setMinimumSeconds(-1)
                        .setReplicaHourMicros(-1))));

    PriceList made = admin.createPriceList(of(list)).getPriceList();
    assertThat(made.getVcpuHourMicros()).isEqualTo(30_000);
    assertRefused("NAME_TAKEN", () -> admin.createPriceList(of(list)));
    var deletion = DeletePriceListRequest.newBuilder().setPriceList(made.getId()).build();
    admin.deletePriceList(deletion);
    assertRefused("PRICE_LIST_NOT_FOUND", () -> admin.deletePriceList(deletion));
    assertRefused(
        "PRICE_LIST_BEGUN",
        () -> admin.deletePriceList(DeletePriceListRequest.newBuilder().setPriceList("1").build()));
  }

  @Test
  void aWalletIsChangedWithinItsRulesAndTellsItsHistory() {
    TestTenant tenant = new TestTenant(skep(), "history");
    var admin = BillingServiceGrpc.newBlockingStub(tenant.platform());
    var wallet =
        admin
            .updateWallet(
                UpdateWalletRequest.newBuilder()
                    .setCurrency("USD")
                    .setFloorMicros(-5_000_000)
                    .setTimeZone("Asia/Kolkata")
                    .build())
            .getWallet();
    assertThat(wallet.getCurrency()).isEqualTo("USD");
    admin.grantCredit(grant(1_000_000, "one"));

    assertRefused(
        "CURRENCY_MISMATCH",
        () -> admin.updateWallet(UpdateWalletRequest.newBuilder().setCurrency("EUR").build()));
    assertRefused(
        "INVALID_FIELD",
        () ->
            admin.updateWallet(
                UpdateWalletRequest.newBuilder()
                    .setFloorMicros(1)
                    .setTimeZone("Mars/Base")
                    .build()));
    var reader = BillingServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_BILLING));
    var history = reader.listTransactions(ListTransactionsRequest.getDefaultInstance());
    assertThat(history.getTransactionsList())
        .singleElement()
        .satisfies(t -> assertThat(t.getBalanceChangeMicros()).isEqualTo(1_000_000));
    assertThat(reader.getUsage(GetUsageRequest.getDefaultInstance()).getTotalMicros()).isZero();
    var others =
        BillingServiceGrpc.newBlockingStub(new TestTenant(skep(), "others").as(Role.ROLE_BILLING));
    assertThat(others.listTransactions(ListTransactionsRequest.getDefaultInstance()))
        .isEqualTo(ListTransactionsResponse.getDefaultInstance());
  }

  @Test
  void invoicesAreReadAndTakenAwayByTheirOrganizationAlone() throws Exception {
    TestTenant tenant = new TestTenant(skep(), "invoiced");
    skep()
        .sql(
            """
            with i as (insert into invoices (organization_id, month, year, serial, start_time, end_time, time_zone, organization_name,
                                             seller, currency, total, created_at)
                       select id, '2026-03-01', 2026, 123, '2026-03-01Z', '2026-04-01Z', 'UTC', name, 'Us', 'EUR', 1234567, now()
                       from organizations where name = 'invoiced' returning organization_id, month)
            insert into invoice_lines select organization_id, month, 1, 'CPU', gen_random_uuid(), 'web', 3600000, 1234567, null, ''
            from i
            """);
    var reader = InvoicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_BILLING));
    var listed = reader.listInvoices(ListInvoicesRequest.getDefaultInstance());
    assertThat(listed.getInvoicesList())
        .singleElement()
        .satisfies(i -> assertThat(i.getNumber()).isEqualTo("2026-000123"));
    var whole = reader.getInvoice(GetInvoiceRequest.newBuilder().setNumber("2026-000123").build());
    assertThat(whole.getInvoice().getRoundedMicros()).isEqualTo(1_230_000);
    assertThat(whole.getLines(0).getAmountMicros()).isEqualTo(1_234_567);

    var download = DownloadInvoiceRequest.newBuilder().setNumber("2026-000123").build();
    assertThat(reader.downloadInvoice(download).getFile().getContent().toStringUtf8())
        .startsWith("%PDF");
    var rest =
        skep()
            .send(
                skep()
                    .authorized("/api/billing/invoices/2026-000123/file?format=INVOICE_FORMAT_HTML")
                    .header("skep-organization", "invoiced")
                    .GET());
    assertThat(rest.statusCode()).as(rest.body()).isEqualTo(200);
    assertThat(rest.body()).contains("invoice-2026-000123.html");

    var others =
        InvoicesServiceGrpc.newBlockingStub(
            new TestTenant(skep(), "not-invoiced").as(Role.ROLE_BILLING));
    assertRefused("INVOICE_NOT_FOUND", () -> others.downloadInvoice(download));
    assertThat(others.listInvoices(ListInvoicesRequest.getDefaultInstance()).getInvoicesList())
        .isEmpty();
  }

  @Test
  void movementsAndUsageAreTablesOfATimeThatIsNotTooLong() throws Exception {
    TestTenant tenant = new TestTenant(skep(), "exporting");
    BillingServiceGrpc.newBlockingStub(tenant.platform()).grantCredit(grant(1_500_000, "one"));
    var reader = InvoicesServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_BILLING));
    long now = Instant.now().getEpochSecond();
    var statement =
        DownloadStatementRequest.newBuilder()
            .setStartTime(Timestamp.newBuilder().setSeconds(now - 3600))
            .setEndTime(Timestamp.newBuilder().setSeconds(now + 3600));

    assertThat(
            reader
                .downloadStatement(statement.build())
                .getFile()
                .getContent()
                .toStringUtf8()
                .lines())
        .hasSize(2)
        .last()
        .asString()
        .contains(",CREDIT,,1.500000,0.000000,EUR,,", "for a start");
    var usage = DownloadUsageRequest.newBuilder().setStartTime(statement.getStartTime());
    assertThat(reader.downloadUsage(usage.build()).getFile().getFileName()).endsWith(".csv");
    assertRefused(
        "INVALID_FIELD", () -> reader.downloadUsage(DownloadUsageRequest.getDefaultInstance()));
    assertRefused(
        "INVALID_FIELD",
        () ->
            reader.downloadStatement(
                statement.setStartTime(Timestamp.newBuilder().setSeconds(1)).build()));
  }

  private static CreatePriceListRequest of(PriceList.Builder list) {
    return CreatePriceListRequest.newBuilder().setPriceList(list).build();
  }

  private static GrantCreditRequest grant(long amount, String id) {
    return GrantCreditRequest.newBuilder()
        .setAmountMicros(amount)
        .setDescription("for a start")
        .setRequestId(id)
        .build();
  }

  private static dev.skep.v1.EstimateCostResponse estimate(Channel channel, int replicas) {
    return BillingServiceGrpc.newBlockingStub(channel)
        .estimateCost(EstimateCostRequest.newBuilder().setReplicas(replicas).build());
  }

  private static dev.skep.v1.Wallet wallet(TestTenant tenant) {
    return BillingServiceGrpc.newBlockingStub(tenant.as(Role.ROLE_BILLING))
        .getWallet(GetWalletRequest.getDefaultInstance())
        .getWallet();
  }

  private boolean succeeds(ServicesServiceBlockingStub services, String name) {
    try {
      create(services, name);
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private void plan(ServicesServiceBlockingStub services, String name) {
    services.planService(
        PlanServiceRequest.newBuilder()
            .setService(name)
            .setSpec(ServiceSpec.newBuilder().setImage(registry.image("web")))
            .build());
  }

  private void create(ServicesServiceBlockingStub services, String name) {
    services.createService(
        CreateServiceRequest.newBuilder()
            .setName(name)
            .setSpec(ServiceSpec.newBuilder().setImage(registry.image("web")))
            .build());
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }
}
