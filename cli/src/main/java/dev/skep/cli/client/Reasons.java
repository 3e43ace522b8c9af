package dev.skep.cli.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.skep.cli.outcome.CliException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** Why a call was refused, for commands that know what to do about it. */
public final class Reasons {
  private Reasons() {}

  /** Whether this is the word that the control plane gave. */
  public static boolean is(CliException e, String reason) {
    return e.getCause() instanceof StatusRuntimeException status && is(status, reason);
  }

  private static boolean is(StatusRuntimeException e, String reason) {
    var status = StatusProto.fromThrowable(e);
    if (status == null) {
      return false;
    }
    for (var detail : status.getDetailsList()) {
      try {
        if (detail.is(ErrorInfo.class)
            && detail.unpack(ErrorInfo.class).getReason().equals(reason)) {
          return true;
        }
      } catch (InvalidProtocolBufferException unreadable) {
        // What cannot be read is no reason that is known.
        return false;
      }
    }
    return false;
  }
}
