package dev.skep.controlplane.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.replay.CallAnswers;
import dev.skep.controlplane.replay.CallKey;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call with a key: what it changes and its answer are written in one transaction, and only then
 * does the caller hear of it. The same call again gets that answer and changes nothing.
 */
final class KeyedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  static final Metadata.Key<String> KEY =
      Metadata.Key.of(CallAnswers.KEY, Metadata.ASCII_STRING_MARSHALLER);

  private static final Pattern PRINTABLE = Pattern.compile("[!-~]([ -~]{0,253}[!-~])?");

  private @Nullable A answer;
  private Status status = Status.INTERNAL;
  private Metadata headers = new Metadata();
  private Metadata trailers = new Metadata();

  KeyedCall(ServerCall<Q, A> call) {
    super(call);
  }

  /**
   * Returns the key.
   *
   * @throws Refusal when it is not usable
   */
  static String checked(String key) {
    if (!PRINTABLE.matcher(key).matches()) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          KEY.name(),
          "must be 1 to 255 printable ASCII characters, without blanks around them");
    }
    return key;
  }

  @Override
  public void sendHeaders(Metadata metadata) {
    headers = metadata;
  }

  @Override
  public void sendMessage(A message) {
    answer = message;
  }

  @Override
  public void close(Status how, Metadata metadata) {
    status = how;
    trailers = metadata;
  }

  /** The answer; empty when the call failed. */
  private Optional<ByteString> succeeded() {
    return status.isOk() && answer instanceof Message message
        ? Optional.of(message.toByteString())
        : Optional.empty();
  }

  private void repeat(ByteString first) {
    answer = getMethodDescriptor().parseResponse(first.newInput());
    status = Status.OK;
    headers = new Metadata();
    trailers = new Metadata();
  }

  private void fail(RuntimeException e) {
    StatusRuntimeException failure = Errors.status(e);
    status = failure.getStatus();
    trailers = Optional.ofNullable(failure.getTrailers()).orElseGet(Metadata::new);
  }

  /** Lets the caller hear of it. */
  private void tell() {
    A told = answer;
    if (status.isOk() && told != null) {
      delegate().sendHeaders(headers);
      delegate().sendMessage(told);
    }
    delegate().close(status, trailers);
  }

  /** The work, which is done on this very thread. */
  static final class Handler<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final CallAnswers answers;
    private final CallKey key;
    private final KeyedCall<Q, A> call;
    private ByteString hash = ByteString.EMPTY;

    Handler(
        CallAnswers answers, CallKey key, KeyedCall<Q, A> call, ServerCall.Listener<Q> listener) {
      super(listener);
      this.answers = answers;
      this.key = key;
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      hash = hash(call.getMethodDescriptor().getFullMethodName(), (Message) message);
      super.onMessage(message);
    }

    @Override
    public void onHalfClose() {
      try {
        answers.once(key, hash, super::onHalfClose, call::succeeded).ifPresent(call::repeat);
      } catch (RuntimeException e) {
        call.fail(e);
      }
      call.tell();
    }

    private static ByteString hash(String method, Message request) {
      var bytes = new ByteArrayOutputStream();
      try {
        bytes.write((method + "\0").getBytes(StandardCharsets.UTF_8));
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        // Maps come in any order.
        out.useDeterministicSerialization();
        request.writeTo(out);
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return ByteString.copyFrom(Digests.sha256(bytes.toByteArray()));
    }
  }
}
