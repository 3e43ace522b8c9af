package dev.skep.controlplane.billing;

import com.google.protobuf.Timestamp;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.v1.BillingServiceGrpc;
import dev.skep.v1.CreatePriceListRequest;
import dev.skep.v1.CreatePriceListResponse;
import dev.skep.v1.DeletePriceListRequest;
import dev.skep.v1.DeletePriceListResponse;
import dev.skep.v1.EstimateCostRequest;
import dev.skep.v1.EstimateCostResponse;
import dev.skep.v1.GetUsageRequest;
import dev.skep.v1.GetUsageResponse;
import dev.skep.v1.GetWalletRequest;
import dev.skep.v1.GetWalletResponse;
import dev.skep.v1.GrantCreditRequest;
import dev.skep.v1.GrantCreditResponse;
import dev.skep.v1.ListBillingHoursRequest;
import dev.skep.v1.ListBillingHoursResponse;
import dev.skep.v1.ListPriceListsRequest;
import dev.skep.v1.ListPriceListsResponse;
import dev.skep.v1.ListTransactionsRequest;
import dev.skep.v1.ListTransactionsResponse;
import dev.skep.v1.RefundChargeRequest;
import dev.skep.v1.RefundChargeResponse;
import dev.skep.v1.UpdateWalletRequest;
import dev.skep.v1.UpdateWalletResponse;
import dev.skep.v1.VerifyBillingRequest;
import dev.skep.v1.VerifyBillingResponse;
import io.grpc.stub.StreamObserver;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/** The billing API; what is not about prices is about the organization of the call. */
final class BillingApi extends BillingServiceGrpc.BillingServiceImplBase {
  private static final int HOURS = 24;
  private static final int MAX_TEXT = 300;
  private static final int MAX_REPLICAS = 1000;
  private static final long MOST_BYTES = 1L << 53;

  /** A billion of the currency; more is a slip of the hand. */
  private static final long MOST_MONEY = 1_000_000_000_000_000L;

  private final BillingService billing;

  BillingApi(BillingService billing) {
    this.billing = billing;
  }

  @Override
  public void getWallet(GetWalletRequest request, StreamObserver<GetWalletResponse> response) {
    Calls.answer(
        response,
        () ->
            GetWalletResponse.newBuilder()
                .setWallet(BillingProtos.wallet(billing.wallet(organization())))
                .build());
  }

  @Override
  public void updateWallet(
      UpdateWalletRequest request, StreamObserver<UpdateWalletResponse> response) {
    Calls.answer(
        response,
        () ->
            UpdateWalletResponse.newBuilder()
                .setWallet(BillingProtos.wallet(update(request)))
                .build());
  }

  private BillingService.View update(UpdateWalletRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    if (request.hasCurrency()) {
      BillingProtos.checkCurrency("currency", request.getCurrency(), wrong);
    }
    if (request.getFloorMicros() > 0 || request.getFloorMicros() < -MOST_MONEY) {
      wrong.add(new FieldViolation("floor_micros", "must be 0 or less"));
    }
    if (request.hasTimeZone() && !isZone(request.getTimeZone())) {
      wrong.add(
          new FieldViolation(
              "time_zone", "is not in the IANA database; use one like Europe/Berlin"));
    }
    Refusal.ifAny(wrong);
    return billing.update(
        organization(),
        request.hasCurrency() ? request.getCurrency() : null,
        request.hasFloorMicros() ? request.getFloorMicros() : null,
        request.hasTimeZone() ? request.getTimeZone() : null);
  }

  private static boolean isZone(String zone) {
    try {
      return ZoneId.getAvailableZoneIds().contains(ZoneId.of(zone).getId());
    } catch (DateTimeException e) {
      return false;
    }
  }

  @Override
  public void listTransactions(
      ListTransactionsRequest request, StreamObserver<ListTransactionsResponse> response) {
    Calls.answer(response, () -> transactions(request));
  }

  private ListTransactionsResponse transactions(ListTransactionsRequest request) {
    int size = Paging.size(request.getPageSize());
    long before = Paging.number(request.getPageToken(), Long.MAX_VALUE);
    Page<BillingStore.Movement> page =
        Paging.page(
            billing.movements(organization(), before, size + 1, request.getWithoutCharges()),
            size,
            movement -> Long.toString(movement.id()));
    return ListTransactionsResponse.newBuilder()
        .addAllTransactions(page.items().stream().map(BillingProtos::transaction).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  @Override
  public void getUsage(GetUsageRequest request, StreamObserver<GetUsageResponse> response) {
    Calls.answer(response, () -> BillingProtos.usage(usage(request)));
  }

  private BillingService.Usage usage(GetUsageRequest request) {
    Instant start = request.hasStartTime() ? instant("start_time", request.getStartTime()) : null;
    Instant end = request.hasEndTime() ? instant("end_time", request.getEndTime()) : null;
    if (start != null && end != null && !start.isBefore(end)) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "end_time", "must be after start_time");
    }
    return billing.usage(organization(), start, end, request.getService(), request.getGroup());
  }

  private static Instant instant(String field, Timestamp time) {
    // The years that PostgreSQL and people know.
    if (time.getSeconds() < 0 || time.getSeconds() > 253_402_300_799L) {
      throw Refusal.ofField(Reason.INVALID_FIELD, field, "must be between 1970 and 9999");
    }
    return Instant.ofEpochSecond(time.getSeconds());
  }

  @Override
  public void estimateCost(
      EstimateCostRequest request, StreamObserver<EstimateCostResponse> response) {
    Calls.answer(response, () -> BillingProtos.estimate(estimate(request)));
  }

  private BillingService.Estimate estimate(EstimateCostRequest request) {
    var defaults = ServiceSpec.DEFAULT_RESOURCES;
    var resources = request.getResources();
    List<FieldViolation> wrong = new ArrayList<>();
    checkRange("replicas", request.getReplicas(), MAX_REPLICAS, wrong);
    checkRange("resources.cpu_millis", resources.getCpuMillis(), 512_000, wrong);
    checkRange("resources.memory_bytes", resources.getMemoryBytes(), 4L << 40, wrong);
    checkRange("storage_bytes", request.getStorageBytes(), MOST_BYTES, wrong);
    Refusal.ifAny(wrong);
    return billing.estimate(
        organization(),
        Math.max(1, request.getReplicas()),
        resources.getCpuMillis() == 0 ? defaults.cpuMillis() : resources.getCpuMillis(),
        resources.getMemoryBytes() == 0 ? defaults.memoryBytes() : resources.getMemoryBytes(),
        request.getStorageBytes());
  }

  private static void checkRange(String field, long value, long most, List<FieldViolation> wrong) {
    if (value < 0 || value > most) {
      wrong.add(new FieldViolation(field, value + " is out of range; use 0 to " + most));
    }
  }

  @Override
  public void grantCredit(
      GrantCreditRequest request, StreamObserver<GrantCreditResponse> response) {
    Calls.answer(
        response,
        () ->
            GrantCreditResponse.newBuilder()
                .setTransaction(BillingProtos.transaction(grant(request)))
                .build());
  }

  private BillingStore.Movement grant(GrantCreditRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    checkRange("amount_micros", request.getAmountMicros() - 1, MOST_MONEY, wrong);
    checkText("description", request.getDescription(), wrong);
    checkText("request_id", request.getRequestId(), wrong);
    Refusal.ifAny(wrong);
    return billing.grant(
        organization(),
        request.getAmountMicros(),
        request.getDescription(),
        request.getRequestId().isEmpty() ? null : request.getRequestId(),
        Calls.caller().userName());
  }

  @Override
  public void refundCharge(
      RefundChargeRequest request, StreamObserver<RefundChargeResponse> response) {
    Calls.answer(
        response,
        () ->
            RefundChargeResponse.newBuilder()
                .setTransaction(BillingProtos.transaction(refund(request)))
                .build());
  }

  private BillingStore.Movement refund(RefundChargeRequest request) {
    List<FieldViolation> wrong = new ArrayList<>();
    checkRange("amount_micros", request.getAmountMicros(), MOST_MONEY, wrong);
    checkText("description", request.getDescription(), wrong);
    Refusal.ifAny(wrong);
    return billing.refund(
        organization(),
        number("transaction", request.getTransaction()),
        request.getAmountMicros(),
        request.getDescription(),
        Calls.caller().userName());
  }

  private static void checkText(String field, String text, List<FieldViolation> wrong) {
    if (text.length() > MAX_TEXT || text.indexOf('\0') >= 0) {
      wrong.add(new FieldViolation(field, "must be text of at most " + MAX_TEXT + " characters"));
    }
  }

  private static long number(String field, String text) {
    if (!text.matches("[0-9]{1,18}")) {
      throw Refusal.ofField(Reason.INVALID_FIELD, field, "must be a decimal id");
    }
    return Long.parseLong(text);
  }

  @Override
  public void verifyBilling(
      VerifyBillingRequest request, StreamObserver<VerifyBillingResponse> response) {
    Calls.answer(
        response,
        () -> {
          BillingService.Verdict verdict =
              billing.verify(instant("since_time", request.getSinceTime()));
          return VerifyBillingResponse.newBuilder()
              .addAllFindings(verdict.findings())
              .setTransactions(verdict.transactions())
              .setWallets(verdict.wallets())
              .setClosedUntilTime(Paging.timestamp(verdict.closedUntil()))
              .build();
        });
  }

  @Override
  public void listBillingHours(
      ListBillingHoursRequest request, StreamObserver<ListBillingHoursResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize(), HOURS, Paging.MAX_SIZE);
          long before = Paging.number(request.getPageToken(), Long.MAX_VALUE);
          Instant end = Instant.ofEpochSecond(Math.min(before, 253_402_300_799L));
          Page<BillingStore.HourRow> page =
              Paging.page(
                  billing.hours(end, size + 1),
                  size,
                  hour -> Long.toString(hour.hour().getEpochSecond()));
          return ListBillingHoursResponse.newBuilder()
              .addAllHours(page.items().stream().map(BillingProtos::hour).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  @Override
  public void listPriceLists(
      ListPriceListsRequest request, StreamObserver<ListPriceListsResponse> response) {
    Calls.answer(
        response,
        () ->
            ListPriceListsResponse.newBuilder()
                .addAllPriceLists(
                    billing.priceLists(request.getCurrency()).stream()
                        .map(BillingProtos::priceList)
                        .toList())
                .build());
  }

  @Override
  public void createPriceList(
      CreatePriceListRequest request, StreamObserver<CreatePriceListResponse> response) {
    Calls.answer(
        response,
        () ->
            CreatePriceListResponse.newBuilder()
                .setPriceList(
                    BillingProtos.priceList(
                        billing.addPrices(
                            BillingProtos.priceList(request.getPriceList()),
                            Calls.caller().userName())))
                .build());
  }

  @Override
  public void deletePriceList(
      DeletePriceListRequest request, StreamObserver<DeletePriceListResponse> response) {
    Calls.answer(
        response,
        () -> {
          long id = number("price_list", request.getPriceList());
          billing.deletePrices((int) Math.min(id, Integer.MAX_VALUE));
          return DeletePriceListResponse.getDefaultInstance();
        });
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }
}
