package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.CreatePriceListRequest;
import dev.skep.v1.DownloadInvoiceRequest;
import dev.skep.v1.DownloadStatementRequest;
import dev.skep.v1.EstimateCostRequest;
import dev.skep.v1.GetUsageRequest;
import dev.skep.v1.GrantCreditRequest;
import dev.skep.v1.InvoiceFormat;
import dev.skep.v1.RefundChargeRequest;
import dev.skep.v1.UpdateWalletRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class BillingTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation skep(String... args) {
    return Invocation.run(
        Map.of("SKEP_SERVER", "http://127.0.0.1:" + controlPlane.port(), "SKEP_TOKEN", "skp_x"),
        args);
  }

  private <T> T asked(Class<T> type) {
    return type.cast(
        controlPlane.requests.stream().filter(type::isInstance).findFirst().orElseThrow());
  }

  @Test
  void theWalletSaysWhatIsThereAndWhatFollows() {
    var show = skep("billing", "show");

    assertThat(show.code()).as(show.err()).isZero();
    assertThat(show.out())
        .containsPattern("balance +12.345678 EUR")
        .containsPattern("owed +0.50 EUR")
        .containsPattern("state +grace: services are stopped 2030-03-17 .* unless")
        .containsPattern("costs now +0.10 EUR an hour")
        .containsPattern("lasts for +5 days");
    assertThat(skep("billing").out()).isEqualTo(show.out());
    assertThat(skep("billing", "history").out()).containsPattern("77 +charge +-0.85 EUR +0.00");
  }

  @Test
  void usageIsAddedUpAsAsked() {
    assertThat(skep("billing", "usage").out())
        .containsPattern("web +1.234567")
        .contains("1.234567 EUR in all");
    assertThat(skep("billing", "usage", "--by", "resource", "--since", "7d").out())
        .containsPattern("cpu +1.50 vCPU hours +1.234567");
    assertThat(asked(GetUsageRequest.class).hasStartTime()).isFalse();
    assertThat(skep("billing", "usage", "--since", "2031-13").code()).isEqualTo(2);
  }

  @Test
  void amountsAreExact() {
    assertThat(skep("billing", "grant", "12.345678", "--reason", "a fair").code()).isZero();
    assertThat(asked(GrantCreditRequest.class).getAmountMicros()).isEqualTo(12_345_678);
    assertThat(skep("billing", "refund", "77", "--reason", "an outage").code()).isZero();
    assertThat(asked(RefundChargeRequest.class).getTransaction()).isEqualTo("77");
    assertThat(skep("billing", "set", "--floor", "-100").code()).isZero();
    assertThat(asked(UpdateWalletRequest.class).getFloorMicros()).isEqualTo(-100_000_000);
    assertThat(skep("billing", "prices", "create", "--currency", "EUR", "--vcpu", "0.012").code())
        .isZero();
    var list = asked(CreatePriceListRequest.class).getPriceList();
    assertThat(list.getVcpuHourMicros()).isEqualTo(12_000);
    assertThat(list.getStartTime().getSeconds() % 3600).isZero();
    for (var wrong :
        List.of(
            new String[] {"billing", "grant", "1e9", "--reason", "x"},
            new String[] {"billing", "grant", "1.2345678", "--reason", "x"},
            new String[] {"billing", "grant", "5"},
            new String[] {"billing", "set"})) {
      assertThat(skep(wrong).code()).as(String.join(" ", wrong)).isEqualTo(2);
    }
  }

  @Test
  void anEstimateSaysWhetherItCanBePaid() {
    assertThat(skep("billing", "estimate", "--replicas", "3", "--cpu", "1.5").out())
        .contains("0.03 EUR an hour", "does not carry");
    assertThat(asked(EstimateCostRequest.class).getResources().getCpuMillis()).isEqualTo(1500);
  }

  @Test
  void invoicesAreListedShownAndWrittenToFiles(@TempDir Path directory) throws IOException {
    assertThat(skep("billing", "invoice", "ls").out())
        .containsPattern("2026-000123 +2026-03 +Europe/Berlin +1.23 EUR");
    assertThat(skep("billing", "invoice").out()).isEqualTo(skep("billing", "invoice", "ls").out());
    assertThat(skep("billing", "invoice", "show", "2026-000123").out())
        .containsPattern("web +cpu +1.50 vCPU hours +2.24")
        .containsPattern("refund an outage +- +-1.00")
        .containsPattern("rounding +- +-0.01")
        .contains("1.23 EUR in all, exactly 1.234567");

    var file = directory.resolve("march.csv");
    var get = skep("billing", "invoice", "get", "2026-000123", "--as", "csv", "-o", "" + file);
    assertThat(get.code()).as(get.err()).isZero();
    assertThat(Files.readString(file)).isEqualTo("invoice");
    assertThat(asked(DownloadInvoiceRequest.class).getFormat())
        .isEqualTo(InvoiceFormat.INVOICE_FORMAT_CSV);
  }

  @Test
  void usageAndMovementsAreWrittenToFiles(@TempDir Path directory) throws IOException {
    var file = directory.resolve("file.csv");
    assertThat(skep("billing", "statement", "--since", "7d", "-o", "" + file).code()).isZero();
    assertThat(Files.readString(file)).isEqualTo("statement");
    assertThat(asked(DownloadStatementRequest.class).hasStartTime()).isTrue();
    assertThat(skep("billing", "usage", "--since", "7d", "-o", "" + file).code()).isZero();
    assertThat(Files.readString(file)).isEqualTo("usage");
    assertThat(skep("billing", "usage", "-o", "" + file).code()).isEqualTo(2);
  }

  @Test
  void aWrongLedgerIsAnError() {
    var verify = skep("billing", "verify");

    assertThat(verify.code()).isNotZero();
    assertThat(verify.err()).contains("movement 3 has 1 lines");
  }
}
