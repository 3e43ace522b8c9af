package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DownloadInvoiceRequest;
import dev.skep.v1.InvoiceFormat;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes an invoice away as a file. */
@Command(name = "get", description = "Write an invoice to a file.")
final class GetInvoiceCommand extends SessionCommand {
  /** What it is written as. */
  enum As {
    PDF,
    HTML,
    CSV
  }

  @Parameters(paramLabel = "NUMBER", description = "From skep billing invoice ls.")
  String number = "";

  @Option(
      names = "--as",
      defaultValue = "pdf",
      paramLabel = "FORMAT",
      description = "pdf, html or csv (pdf).")
  As format = As.PDF;

  @Option(
      names = "-o",
      paramLabel = "FILE",
      description = "Where; unset means invoice-NUMBER.FORMAT here.")
  @Nullable Path file;

  GetInvoiceCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws IOException {
    var request =
        DownloadInvoiceRequest.newBuilder()
            .setNumber(number)
            .setFormat(InvoiceFormat.valueOf("INVOICE_FORMAT_" + format))
            .build();
    var response = session.call(() -> session.controlPlane().invoices().downloadInvoice(request));
    Written.to(session, file, response.getFile());
  }
}
