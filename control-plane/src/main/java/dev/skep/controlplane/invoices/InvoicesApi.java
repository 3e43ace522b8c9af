package dev.skep.controlplane.invoices;

import com.google.protobuf.Timestamp;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.BillingFile;
import dev.skep.v1.DownloadInvoiceRequest;
import dev.skep.v1.DownloadInvoiceResponse;
import dev.skep.v1.DownloadStatementRequest;
import dev.skep.v1.DownloadStatementResponse;
import dev.skep.v1.DownloadUsageRequest;
import dev.skep.v1.DownloadUsageResponse;
import dev.skep.v1.GetInvoiceRequest;
import dev.skep.v1.GetInvoiceResponse;
import dev.skep.v1.InvoicesServiceGrpc;
import dev.skep.v1.ListInvoicesRequest;
import dev.skep.v1.ListInvoicesResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** The API of invoices; every call is about the organization of the caller. */
final class InvoicesApi extends InvoicesServiceGrpc.InvoicesServiceImplBase {
  private static final Duration LONGEST = Duration.ofDays(366);
  private static final int LAST_YEAR = 9999;
  private static final int MONTHS = 12;

  private final InvoicesService invoices;
  private final InstantSource clock;

  InvoicesApi(InvoicesService invoices, InstantSource clock) {
    this.invoices = invoices;
    this.clock = clock;
  }

  @Override
  public void listInvoices(
      ListInvoicesRequest request, StreamObserver<ListInvoicesResponse> response) {
    Calls.answer(response, () -> list(request));
  }

  /** Tokens are months since the year 0. */
  private ListInvoicesResponse list(ListInvoicesRequest request) {
    int size = Paging.size(request.getPageSize());
    long last = (long) LAST_YEAR * MONTHS;
    long before = Math.clamp(Paging.number(request.getPageToken(), last), 0, last);
    YearMonth month = YearMonth.of((int) (before / MONTHS), (int) (before % MONTHS) + 1);
    Page<Invoice> page =
        Paging.page(
            invoices.invoices(organization(), month, size + 1),
            size,
            invoice -> Long.toString(number(invoice.month())));
    return ListInvoicesResponse.newBuilder()
        .addAllInvoices(page.items().stream().map(InvoiceProtos::invoice).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  private static long number(YearMonth month) {
    return (long) month.getYear() * MONTHS + month.getMonthValue() - 1;
  }

  @Override
  public void getInvoice(GetInvoiceRequest request, StreamObserver<GetInvoiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          InvoicesService.Whole whole = invoices.invoice(organization(), request.getNumber());
          return GetInvoiceResponse.newBuilder()
              .setInvoice(InvoiceProtos.invoice(whole.invoice()))
              .addAllLines(
                  whole.invoice().shown(whole.lines(), BillingFiles.PAGE_LINES).stream()
                      .map(InvoiceProtos::line)
                      .toList())
              .build();
        });
  }

  @Override
  public void downloadInvoice(
      DownloadInvoiceRequest request, StreamObserver<DownloadInvoiceResponse> response) {
    Calls.answer(
        response,
        () -> {
          InvoicesService.Whole whole = invoices.invoice(organization(), request.getNumber());
          return DownloadInvoiceResponse.newBuilder()
              .setFile(BillingFiles.of(whole.invoice(), whole.lines(), request.getFormat()))
              .build();
        });
  }

  @Override
  public void downloadUsage(
      DownloadUsageRequest request, StreamObserver<DownloadUsageResponse> response) {
    Calls.answer(
        response,
        () -> {
          Range range = range(request.hasStartTime(), request.getStartTime(), end(request));
          byte[] csv = invoices.usage(organization(), range.start, range.end, request.getService());
          return DownloadUsageResponse.newBuilder().setFile(file("usage", range, csv)).build();
        });
  }

  private Instant end(DownloadUsageRequest request) {
    return request.hasEndTime() ? instant("end_time", request.getEndTime()) : clock.instant();
  }

  @Override
  public void downloadStatement(
      DownloadStatementRequest request, StreamObserver<DownloadStatementResponse> response) {
    Calls.answer(
        response,
        () -> {
          Range range = range(request.hasStartTime(), request.getStartTime(), end(request));
          byte[] csv = invoices.movements(organization(), range.start, range.end);
          return DownloadStatementResponse.newBuilder()
              .setFile(file("statement", range, csv))
              .build();
        });
  }

  private Instant end(DownloadStatementRequest request) {
    return request.hasEndTime() ? instant("end_time", request.getEndTime()) : clock.instant();
  }

  private record Range(Instant start, Instant end) {}

  private static Range range(boolean hasStart, Timestamp startTime, Instant end) {
    if (!hasStart) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "start_time", "is missing");
    }
    Instant start = instant("start_time", startTime);
    if (!start.isBefore(end)) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "end_time", "must be after start_time");
    }
    if (Duration.between(start, end).compareTo(LONGEST) > 0) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "start_time",
          "is more than " + LONGEST.toDays() + " days before end_time; ask for less");
    }
    return new Range(start, end);
  }

  private static Instant instant(String field, Timestamp time) {
    // The years that PostgreSQL and people know.
    if (time.getSeconds() < 0 || time.getSeconds() > 253_402_300_799L) {
      throw Refusal.ofField(Reason.INVALID_FIELD, field, "must be between 1970 and 9999");
    }
    return Instant.ofEpochSecond(time.getSeconds());
  }

  private static BillingFile file(String word, Range range, byte[] csv) {
    var from = range.start.atZone(ZoneOffset.UTC).toLocalDate();
    var to = range.end.atZone(ZoneOffset.UTC).toLocalDate();
    return BillingFiles.csv(word + "-" + from + "-" + to, csv);
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }
}
