package dev.skep.agent.telemetry;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One {@code ShipLogs} call. Requests go out as the bytes that the spool holds; they are not parsed
 * on the way.
 *
 * <p>The shipping thread opens, sends and cancels; gRPC's threads only note what happened and wake
 * it.
 */
final class LogStream extends ClientCall.Listener<ShipLogsResponse> {
  private static final int BATCH_TAG =
      (ShipLogsRequest.BATCH_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final MethodDescriptor<byte[], ShipLogsResponse> METHOD =
      AgentServiceGrpc.getShipLogsMethod().toBuilder(
              new Verbatim(), AgentServiceGrpc.getShipLogsMethod().getResponseMarshaller())
          .build();

  private final ClientCall<byte[], ShipLogsResponse> call;
  private final Runnable wake;
  private volatile long acked;
  private volatile @Nullable Status end;

  private LogStream(AgentServiceGrpc.AgentServiceStub stub, Runnable wake) {
    this.call = stub.getChannel().newCall(METHOD, stub.getCallOptions());
    this.wake = wake;
  }

  static LogStream open(AgentServiceGrpc.AgentServiceStub stub, Runnable wake) {
    LogStream stream = new LogStream(stub, wake);
    stream.call.start(stream, new Metadata());
    stream.call.request(1);
    return stream;
  }

  boolean isReady() {
    return end == null && call.isReady();
  }

  long acked() {
    return acked;
  }

  /** Why the call is over; null while it is not. */
  @Nullable Status end() {
    return end;
  }

  void send(ByteBuffer batch) {
    call.sendMessage(request(batch));
  }

  void cancel(String why) {
    call.cancel(why, null);
  }

  @Override
  public void onMessage(ShipLogsResponse response) {
    acked = Math.max(acked, response.getAckedSequence());
    call.request(1);
    wake.run();
  }

  @Override
  public void onReady() {
    wake.run();
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    end = status;
    wake.run();
  }

  private static byte[] request(ByteBuffer batch) {
    int length = batch.remaining();
    int head = CodedOutputStream.computeUInt32SizeNoTag(length) + 1;
    byte[] request = new byte[head + length];
    CodedOutputStream out = CodedOutputStream.newInstance(request, 0, head);
    try {
      out.writeUInt32NoTag(BATCH_TAG);
      out.writeUInt32NoTag(length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    batch.get(batch.position(), request, head, length);
    return request;
  }

  private static final class Verbatim implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("requests are only written");
    }
  }
}
