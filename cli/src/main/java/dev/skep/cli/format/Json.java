package dev.skep.cli.format;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;

/**
 * Responses as protobuf JSON; fields without presence are always there, so scripts can rely on
 * them.
 */
public final class Json {
  private Json() {}

  public static String render(MessageOrBuilder message) {
    return print(JsonFormat.printer().alwaysPrintFieldsWithNoPresence(), message);
  }

  /** One line, for streams. */
  public static String renderLine(MessageOrBuilder message) {
    return print(
        JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace(),
        message);
  }

  private static String print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("cannot write " + message.getClass() + " as JSON", e);
    }
  }
}
