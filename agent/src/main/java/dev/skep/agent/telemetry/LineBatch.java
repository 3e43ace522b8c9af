package dev.skep.agent.telemetry;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogEntry;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The lines of the next batch, already as the bytes of {@code LogBatch.lines}.
 *
 * <p>A protobuf message may be written in pieces that follow each other, so the fields around the
 * lines are added when the batch is complete, and no object is made for a line between the file and
 * the wire.
 */
final class LineBatch {
  private static final byte LINES =
      (byte) ((LogBatch.LINES_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final byte STREAM =
      (byte) ((LogEntry.STREAM_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_VARINT);
  private static final byte TIME =
      (byte) ((LogEntry.TIME_UNIX_NANOS_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_FIXED64);
  private static final byte TEXT =
      (byte) ((LogEntry.TEXT_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int MOST_OVERHEAD = 32;
  private static final int FIXED_FIELDS = 2 + 9;

  private final LogLimits limits;
  private byte[] body;
  private int size;
  private int lines;

  LineBatch(LogLimits limits) {
    this.limits = limits;
    this.body = new byte[limits.batchBytes() + MOST_OVERHEAD];
  }

  boolean isEmpty() {
    return lines == 0;
  }

  int lines() {
    return lines;
  }

  boolean takes(int textLength) {
    return lines == 0
        || (lines < limits.batchLines()
            && size + textLength + MOST_OVERHEAD <= limits.batchBytes());
  }

  void add(int stream, long nanos, byte[] text, int length) {
    if (body.length < size + length + MOST_OVERHEAD) {
      body = Arrays.copyOf(body, size + length + MOST_OVERHEAD);
    }
    int textField = length == 0 ? 0 : 1 + CodedOutputStream.computeUInt32SizeNoTag(length) + length;
    body[size++] = LINES;
    putVarint(FIXED_FIELDS + textField);
    body[size++] = STREAM;
    body[size++] = (byte) stream;
    body[size++] = TIME;
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      body[size++] = (byte) (nanos >>> shift);
    }
    if (length > 0) {
      body[size++] = TEXT;
      putVarint(length);
      System.arraycopy(text, 0, body, size, length);
      size += length;
    }
    lines++;
  }

  /** The lines; valid until the next call of {@link #clear}. */
  ByteBuffer body() {
    return ByteBuffer.wrap(body, 0, size);
  }

  /** One long line must not keep its room for ever. */
  void clear() {
    size = 0;
    lines = 0;
    if (body.length > limits.batchBytes() + MOST_OVERHEAD) {
      body = new byte[limits.batchBytes() + MOST_OVERHEAD];
    }
  }

  private void putVarint(int value) {
    int rest = value;
    while (rest > 0x7F) {
      body[size++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    body[size++] = (byte) rest;
  }
}
