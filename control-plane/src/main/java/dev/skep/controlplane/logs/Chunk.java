package dev.skep.controlplane.logs;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogEntry;
import java.util.List;

/** Lines as they are stored: a LogBatch message, compressed with zstd. */
final class Chunk {
  /** Stream number of a note about lost lines; 1 and 2 are stdout and stderr. */
  static final int GAP = 3;

  private static final int LEVEL = 3;

  /** More than an agent can send in one group; a frame that claims more is damaged. */
  private static final long MAX_BYTES = 256L << 20;

  private Chunk() {}

  static byte[] encode(List<LogEntry> entries) {
    return Zstd.compress(LogBatch.newBuilder().addAllLines(entries).build().toByteArray(), LEVEL);
  }

  static List<LogEntry> decode(byte[] body) {
    long size = Zstd.getFrameContentSize(body);
    if (size < 0 || size > MAX_BYTES) {
      throw new IllegalStateException("a stored log chunk is damaged: " + size + " bytes");
    }
    try {
      return LogBatch.parseFrom(Zstd.decompress(body, (int) size)).getLinesList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a stored log chunk is damaged", e);
    }
  }
}
