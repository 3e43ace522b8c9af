package dev.skep.controlplane.invoices;

import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.InvoiceLine;
import dev.skep.v1.InvoiceLineKind;
import dev.skep.v1.UsageResource;
import java.util.UUID;

/** Invoices as messages. */
final class InvoiceProtos {
  private InvoiceProtos() {}

  static dev.skep.v1.Invoice invoice(Invoice invoice) {
    return dev.skep.v1.Invoice.newBuilder()
        .setNumber(invoice.number())
        .setMonth(invoice.month().toString())
        .setStartTime(Paging.timestamp(invoice.period().start()))
        .setEndTime(Paging.timestamp(invoice.period().end()))
        .setTimeZone(invoice.zone().getId())
        .setCurrency(invoice.currency())
        .setTotalMicros(invoice.total())
        .setRoundedMicros(Rounding.shown(invoice.total()))
        .setCreateTime(Paging.timestamp(invoice.createdAt()))
        .setOrganizationName(invoice.organizationName())
        .setSeller(invoice.seller())
        .build();
  }

  static InvoiceLine line(Line line) {
    InvoiceLine.Builder message =
        InvoiceLine.newBuilder()
            .setKind(kind(line.kind()))
            .setServiceName(line.serviceName())
            .setQuantity(line.quantity())
            .setAmountMicros(line.amount())
            .setRoundedMicros(line.rounded())
            .setDescription(line.description());
    if (line.kind().isUsage()) {
      message.setResource(UsageResource.valueOf("USAGE_RESOURCE_" + line.kind()));
    }
    UUID service = line.service();
    if (service != null) {
      message.setServiceId(service.toString());
    }
    Long transaction = line.transaction();
    if (transaction != null) {
      message.setTransaction(transaction.toString());
    }
    return message.build();
  }

  private static InvoiceLineKind kind(Line.Kind kind) {
    return switch (kind) {
      case REPLICAS, CPU, MEMORY, STORAGE, EGRESS, BUILD -> InvoiceLineKind.INVOICE_LINE_KIND_USAGE;
      case REFUND -> InvoiceLineKind.INVOICE_LINE_KIND_REFUND;
      case OTHER -> InvoiceLineKind.INVOICE_LINE_KIND_OTHER;
      case ROUNDING -> InvoiceLineKind.INVOICE_LINE_KIND_ROUNDING;
    };
  }
}
