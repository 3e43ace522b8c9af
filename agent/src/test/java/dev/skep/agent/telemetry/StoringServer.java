package dev.skep.agent.telemetry;

import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogGap;
import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The receiving end as the control plane promises it: lines are told apart by container and index,
 * and only what was acknowledged outlives a stream. Faults come from a seed.
 */
final class StoringServer extends AgentServiceGrpc.AgentServiceImplBase implements AutoCloseable {
  final Map<String, Stored> containers = new ConcurrentHashMap<>();
  final List<String> violations = new CopyOnWriteArrayList<>();
  private final Random random;
  private final double breaks;
  private final Server server;
  private final ManagedChannel channel;
  private final List<Receiver> receivers = new ArrayList<>();
  private volatile boolean deaf;

  /** What is stored of one container. */
  static final class Stored {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final List<LogGap> gaps = new CopyOnWriteArrayList<>();
    private final List<String> texts = new ArrayList<>();
    volatile long next;

    private synchronized void publish() {
      lines.addAll(texts);
      texts.clear();
    }
  }

  StoringServer(long seed, double breaks) throws IOException {
    this.random = new Random(seed);
    this.breaks = breaks;
    String name = InProcessServerBuilder.generateName();
    this.server = InProcessServerBuilder.forName(name).addService(this).build().start();
    this.channel = InProcessChannelBuilder.forName(name).build();
  }

  AgentServiceGrpc.AgentServiceStub stub() {
    return AgentServiceGrpc.newStub(channel);
  }

  Stored of(String container) {
    return containers.computeIfAbsent(container, _ -> new Stored());
  }

  /** Takes batches and acknowledges none, as a control plane does whose database is away. */
  void deaf(boolean on) {
    deaf = on;
  }

  @Override
  public StreamObserver<ShipLogsRequest> shipLogs(StreamObserver<ShipLogsResponse> answers) {
    Receiver receiver = new Receiver(answers);
    if (answers instanceof ServerCallStreamObserver<ShipLogsResponse> call) {
      call.setOnCancelHandler(() -> receiver.over = true);
    }
    synchronized (this) {
      receivers.add(receiver);
    }
    return receiver;
  }

  /** Acknowledges what was left open, as a server that is merely slow does in the end. */
  synchronized void settle() {
    receivers.removeIf(receiver -> receiver.over);
    receivers.forEach(Receiver::settle);
  }

  private final class Receiver implements StreamObserver<ShipLogsRequest> {
    private final StreamObserver<ShipLogsResponse> answers;
    private final List<LogBatch> undurable = new ArrayList<>();
    private long last;
    private volatile boolean over;

    Receiver(StreamObserver<ShipLogsResponse> answers) {
      this.answers = answers;
    }

    @Override
    public void onNext(ShipLogsRequest request) {
      synchronized (StoringServer.this) {
        if (over) {
          return;
        }
        LogBatch batch = request.getBatch();
        if (last != 0 && batch.getSequence() != last + 1) {
          violations.add("sequence %d after %d".formatted(batch.getSequence(), last));
        }
        last = batch.getSequence();
        undurable.add(batch);
        answer();
      }
    }

    private void answer() {
      double dice = random.nextDouble();
      if (dice < breaks) {
        if (random.nextBoolean()) {
          undurable.forEach(StoringServer.this::store);
        }
        over = true;
        answers.onError(Status.UNAVAILABLE.withDescription("seeded").asRuntimeException());
      } else if (!deaf && (breaks == 0 || dice > 0.5)) {
        settle();
        if (breaks > 0 && random.nextInt(4) == 0) {
          ack(last);
          ack(Math.max(0, last - 2));
        }
      }
    }

    private void settle() {
      if (!undurable.isEmpty()) {
        undurable.forEach(StoringServer.this::store);
        undurable.clear();
        ack(last);
      }
    }

    private void ack(long sequence) {
      answers.onNext(ShipLogsResponse.newBuilder().setAckedSequence(sequence).build());
    }

    @Override
    public void onError(Throwable cause) {
      over = true;
    }

    @Override
    public void onCompleted() {
      answers.onCompleted();
    }
  }

  private void store(LogBatch batch) {
    Stored stored = of(batch.getContainerId());
    long index = batch.getFirstOffset();
    if (batch.hasGap() && index >= stored.next) {
      stored.gaps.add(batch.getGap());
      stored.next = index;
    }
    for (var line : batch.getLinesList()) {
      String text = line.getText().toStringUtf8();
      if (index == stored.next) {
        stored.texts.add(text);
        stored.next = index + 1;
      } else if (index > stored.next) {
        violations.add("line %d came after %d".formatted(index, stored.next - 1));
      }
      index++;
    }
    stored.publish();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
