package dev.skep.cli;

import com.google.protobuf.Timestamp;
import dev.skep.v1.BillingServiceGrpc;
import dev.skep.v1.CreatePriceListRequest;
import dev.skep.v1.CreatePriceListResponse;
import dev.skep.v1.EstimateCostRequest;
import dev.skep.v1.EstimateCostResponse;
import dev.skep.v1.GetUsageRequest;
import dev.skep.v1.GetUsageResponse;
import dev.skep.v1.GetWalletRequest;
import dev.skep.v1.GetWalletResponse;
import dev.skep.v1.GrantCreditRequest;
import dev.skep.v1.GrantCreditResponse;
import dev.skep.v1.ListTransactionsRequest;
import dev.skep.v1.ListTransactionsResponse;
import dev.skep.v1.RefundChargeRequest;
import dev.skep.v1.RefundChargeResponse;
import dev.skep.v1.Transaction;
import dev.skep.v1.TransactionKind;
import dev.skep.v1.UpdateWalletRequest;
import dev.skep.v1.UpdateWalletResponse;
import dev.skep.v1.UsageResource;
import dev.skep.v1.UsageRow;
import dev.skep.v1.VerifyBillingRequest;
import dev.skep.v1.VerifyBillingResponse;
import dev.skep.v1.Wallet;
import dev.skep.v1.WalletState;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A wallet that owes something, and a ledger with a fault. */
final class FakeBilling extends BillingServiceGrpc.BillingServiceImplBase {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_900_000_000).build();
  private static final Wallet WALLET =
      Wallet.newBuilder()
          .setCurrency("EUR")
          .setBalanceMicros(12_345_678)
          .setOwedMicros(500_000)
          .setState(WalletState.WALLET_STATE_GRACE)
          .setNextStepTime(TIME)
          .setCharging(true)
          .setHourlyMicros(100_000)
          .setDailyMicros(2_400_000)
          .setMonthlyMicros(73_000_000)
          .setHoursLeft(123)
          .setTimeZone("Europe/Berlin")
          .build();
  private static final Transaction CHARGE =
      Transaction.newBuilder()
          .setId("77")
          .setKind(TransactionKind.TRANSACTION_KIND_CHARGE)
          .setCurrency("EUR")
          .setBalanceChangeMicros(-850_000)
          .setHour(TIME)
          .setCreateTime(TIME)
          .build();

  private final List<Object> requests;

  FakeBilling(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, T response, StreamObserver<T> observer) {
    requests.add(request);
    observer.onNext(response);
    observer.onCompleted();
  }

  @Override
  public void getWallet(GetWalletRequest request, StreamObserver<GetWalletResponse> response) {
    answer(request, GetWalletResponse.newBuilder().setWallet(WALLET).build(), response);
  }

  @Override
  public void updateWallet(
      UpdateWalletRequest request, StreamObserver<UpdateWalletResponse> response) {
    answer(request, UpdateWalletResponse.newBuilder().setWallet(WALLET).build(), response);
  }

  @Override
  public void listTransactions(
      ListTransactionsRequest request, StreamObserver<ListTransactionsResponse> response) {
    answer(
        request, ListTransactionsResponse.newBuilder().addTransactions(CHARGE).build(), response);
  }

  @Override
  public void getUsage(GetUsageRequest request, StreamObserver<GetUsageResponse> response) {
    var row =
        UsageRow.newBuilder()
            .setServiceName("web")
            .setResource(UsageResource.USAGE_RESOURCE_CPU)
            .setQuantity(5_400_000)
            .setStartTime(TIME)
            .setCostMicros(1_234_567);
    answer(
        request,
        GetUsageResponse.newBuilder()
            .addRows(row)
            .setTotalMicros(1_234_567)
            .setCurrency("EUR")
            .build(),
        response);
  }

  @Override
  public void estimateCost(
      EstimateCostRequest request, StreamObserver<EstimateCostResponse> response) {
    answer(
        request,
        EstimateCostResponse.newBuilder().setCurrency("EUR").setHourlyMicros(30_000).build(),
        response);
  }

  @Override
  public void grantCredit(
      GrantCreditRequest request, StreamObserver<GrantCreditResponse> response) {
    answer(request, GrantCreditResponse.newBuilder().setTransaction(CHARGE).build(), response);
  }

  @Override
  public void refundCharge(
      RefundChargeRequest request, StreamObserver<RefundChargeResponse> response) {
    answer(request, RefundChargeResponse.newBuilder().setTransaction(CHARGE).build(), response);
  }

  @Override
  public void createPriceList(
      CreatePriceListRequest request, StreamObserver<CreatePriceListResponse> response) {
    answer(
        request,
        CreatePriceListResponse.newBuilder()
            .setPriceList(request.getPriceList().toBuilder().setId("4"))
            .build(),
        response);
  }

  @Override
  public void verifyBilling(
      VerifyBillingRequest request, StreamObserver<VerifyBillingResponse> response) {
    answer(
        request,
        VerifyBillingResponse.newBuilder().addFindings("movement 3 has 1 lines").build(),
        response);
  }
}
