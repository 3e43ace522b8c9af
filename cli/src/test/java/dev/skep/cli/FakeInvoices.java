package dev.skep.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.skep.v1.BillingFile;
import dev.skep.v1.DownloadInvoiceRequest;
import dev.skep.v1.DownloadInvoiceResponse;
import dev.skep.v1.DownloadStatementRequest;
import dev.skep.v1.DownloadStatementResponse;
import dev.skep.v1.DownloadUsageRequest;
import dev.skep.v1.DownloadUsageResponse;
import dev.skep.v1.GetInvoiceRequest;
import dev.skep.v1.GetInvoiceResponse;
import dev.skep.v1.Invoice;
import dev.skep.v1.InvoiceLine;
import dev.skep.v1.InvoiceLineKind;
import dev.skep.v1.InvoicesServiceGrpc;
import dev.skep.v1.ListInvoicesRequest;
import dev.skep.v1.ListInvoicesResponse;
import dev.skep.v1.UsageResource;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** One invoice with a line of each kind. */
final class FakeInvoices extends InvoicesServiceGrpc.InvoicesServiceImplBase {
  private static final Invoice INVOICE =
      Invoice.newBuilder()
          .setNumber("2026-000123")
          .setMonth("2026-03")
          .setTimeZone("Europe/Berlin")
          .setCurrency("EUR")
          .setTotalMicros(1_234_567)
          .setRoundedMicros(1_230_000)
          .setOrganizationName("acme")
          .setCreateTime(Timestamp.newBuilder().setSeconds(1_900_000_000))
          .build();

  private final List<Object> requests;

  FakeInvoices(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, T response, StreamObserver<T> observer) {
    requests.add(request);
    observer.onNext(response);
    observer.onCompleted();
  }

  @Override
  public void listInvoices(
      ListInvoicesRequest request, StreamObserver<ListInvoicesResponse> response) {
    answer(request, ListInvoicesResponse.newBuilder().addInvoices(INVOICE).build(), response);
  }

  @Override
  public void getInvoice(GetInvoiceRequest request, StreamObserver<GetInvoiceResponse> response) {
    answer(
        request,
        GetInvoiceResponse.newBuilder()
            .setInvoice(INVOICE)
            .addLines(
                InvoiceLine.newBuilder()
                    .setKind(InvoiceLineKind.INVOICE_LINE_KIND_USAGE)
                    .setServiceId("1")
                    .setServiceName("web")
                    .setResource(UsageResource.USAGE_RESOURCE_CPU)
                    .setQuantity(5_400_000)
                    .setRoundedMicros(2_240_000))
            .addLines(
                InvoiceLine.newBuilder()
                    .setKind(InvoiceLineKind.INVOICE_LINE_KIND_REFUND)
                    .setDescription("an outage")
                    .setRoundedMicros(-1_000_000))
            .addLines(
                InvoiceLine.newBuilder()
                    .setKind(InvoiceLineKind.INVOICE_LINE_KIND_ROUNDING)
                    .setRoundedMicros(-10_000))
            .build(),
        response);
  }

  @Override
  public void downloadInvoice(
      DownloadInvoiceRequest request, StreamObserver<DownloadInvoiceResponse> response) {
    answer(
        request, DownloadInvoiceResponse.newBuilder().setFile(file("invoice")).build(), response);
  }

  @Override
  public void downloadUsage(
      DownloadUsageRequest request, StreamObserver<DownloadUsageResponse> response) {
    answer(request, DownloadUsageResponse.newBuilder().setFile(file("usage")).build(), response);
  }

  @Override
  public void downloadStatement(
      DownloadStatementRequest request, StreamObserver<DownloadStatementResponse> response) {
    answer(
        request,
        DownloadStatementResponse.newBuilder().setFile(file("statement")).build(),
        response);
  }

  private static BillingFile file(String content) {
    return BillingFile.newBuilder()
        .setFileName(content + ".csv")
        .setContent(ByteString.copyFromUtf8(content))
        .build();
  }
}
