package dev.skep.controlplane.invoices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.BillingFile;
import dev.skep.v1.InvoiceFormat;
import java.io.IOException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;

final class InvoiceTextTest {
  private static final UUID SERVICE = new UUID(1, 2);

  @Test
  void amountsAreRoundedHalfToEven() {
    assertThat(Rounding.text(1_005_000)).isEqualTo("1.00");
    assertThat(Rounding.text(1_015_000)).isEqualTo("1.02");
    assertThat(Rounding.text(-1_015_000)).isEqualTo("-1.02");
    assertThat(Rounding.text(1_015_001)).isEqualTo("1.02");
    assertThat(Rounding.text(0)).isEqualTo("0.00");
    assertThat(Rounding.shown(4_999)).isZero();
    assertThat(Rounding.shown(15_001)).isEqualTo(20_000);
    assertThat(Rounding.exact(-1)).isEqualTo("-0.000001");
    assertThat(Rounding.shown(9_223_372_036_854_760_000L)).isEqualTo(9_223_372_036_854_760_000L);
  }

  @Test
  void whateverLinesAreWhatIsShownAddsUp() {
    Random random = new Random(5);
    for (int i = 0; i < 500; i++) {
      List<Line> lines =
          IntStream.range(0, random.nextInt(40))
              .mapToObj(n -> used("s" + n, random.nextLong(-1_000_000_000, 1_000_000_000)))
              .toList();
      Invoice invoice = invoice(lines);
      List<Line> shown = invoice.shown(lines, 10);

      assertThat(shown).hasSizeLessThanOrEqualTo(12);
      assertThat(shown.stream().mapToLong(Line::amount).sum()).isEqualTo(invoice.total());
      assertThat(shown.stream().mapToLong(Line::rounded).sum())
          .isEqualTo(Rounding.shown(invoice.total()));
    }
  }

  @Test
  void cellsAreQuotedAndNoFormulas() {
    Csv csv = new Csv("a", "b");
    csv.text("x,\"y\"\r\nz").own(-12).end();
    for (String formula : List.of("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")) {
      csv.text(formula).text("a=1").end();
    }

    assertThat(new String(csv.bytes(), java.nio.charset.StandardCharsets.UTF_8).split("\r\n(?!z)"))
        .containsExactly(
            "a,b",
            "\"x,\"\"y\"\"\r\nz\",-12",
            "'=1+1,a=1",
            "'+1,a=1",
            "'-1,a=1",
            "'@SUM(A1),a=1",
            "'\t=1,a=1",
            "\"'\r=1\",a=1");
  }

  @Test
  void namesAreTextAndNeverMarkup() {
    List<Line> lines =
        List.of(
            used("<script>alert(1)</script>", 1_234_567),
            new Line(Line.Kind.REFUND, null, "", 0, -5_000, 0, 9L, "\"&'\0\uD800"));
    String html = html(invoice(lines), lines);

    assertThat(html)
        .contains("&lt;script&gt;", "&quot;&amp;&#39;\uFFFD\uFFFD", "1.23 EUR", "Łódź &amp; Söhne")
        .doesNotContain("<script", "http-equiv=\"refresh\"", "src=", "href=");
  }

  @Test
  void aPdfSaysWhatThePageSays() throws IOException {
    List<Line> lines = List.of(used("web", 1_234_567), used("<b>", 2_345_678));
    BillingFile file = BillingFiles.of(invoice(lines), lines, InvoiceFormat.INVOICE_FORMAT_PDF);

    assertThat(file.getMediaType()).isEqualTo("application/pdf");
    assertThat(file.getFileName()).isEqualTo("invoice-2028-000001.pdf");
    try (var pdf = Loader.loadPDF(file.getContent().toByteArray())) {
      assertThat(new PDFTextStripper().getText(pdf))
          .contains("Invoice 2028-000001", "Łódź & Söhne", "Żółw 1", "acme", "<b>", "1 March 2028")
          .contains("31 March 2028", "0.500 hours", "3.58 EUR");
    }
  }

  @Test
  void aTableHasExactAndRoundedAmounts() {
    List<Line> lines = List.of(used("=web", 1_005_000), used("api", 1_005_000));
    String csv =
        BillingFiles.of(invoice(lines), lines, InvoiceFormat.INVOICE_FORMAT_CSV)
            .getContent()
            .toStringUtf8();

    assertThat(csv.lines())
        .containsExactly(
            "invoice,service_id,service,what,quantity,unit,amount,exact_amount,currency,transaction,description",
            "2028-000001," + SERVICE + ",'=web,vCPU,0.500,hours,1.00,1.005000,EUR,,",
            "2028-000001," + SERVICE + ",api,vCPU,0.500,hours,1.00,1.005000,EUR,,",
            "2028-000001,,,rounding,,,0.01,0.000000,EUR,,");
  }

  private static String html(Invoice invoice, List<Line> lines) {
    return BillingFiles.of(invoice, lines, InvoiceFormat.INVOICE_FORMAT_HTML)
        .getContent()
        .toStringUtf8();
  }

  private static Line used(String service, long amount) {
    return new Line(
        Line.Kind.CPU, SERVICE, service, 1_800_000, amount, Rounding.shown(amount), null, "");
  }

  private static Invoice invoice(List<Line> lines) {
    Period period =
        new Period(
            YearMonth.of(2028, 3),
            Instant.parse("2028-02-29T23:00:00Z"),
            Instant.parse("2028-03-31T22:00:00Z"));
    return new Invoice(
        "2028-000001",
        period,
        ZoneId.of("Europe/Berlin"),
        "acme",
        "Łódź & Söhne\nŻółw 1",
        "EUR",
        lines.stream().mapToLong(Line::amount).sum(),
        Instant.parse("2028-04-01T00:05:00Z"));
  }
}
