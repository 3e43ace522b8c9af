package dev.skep.agent.journal;

import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.VolumeLease;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is said about the lease in one session. */
public final class LeaseTalk {
  private static final Logger log = LoggerFactory.getLogger(LeaseTalk.class);
  private static final int REMEMBERED_HEARTBEATS = 16;

  private final CopyLease lease;

  /** When the last heartbeats were sent, by the clock of the lease. */
  private final Map<Long, Long> sentAt = new ConcurrentHashMap<>();

  private volatile long number;

  public LeaseTalk(CopyLease lease) {
    this.lease = lease;
  }

  /** Adds what is held to a heartbeat that has its number and is sent after this. */
  public void ask(Heartbeat.Builder beat) {
    // The number first: with an older one the control plane believes less of what is said.
    beat.setLeaseNumber(number).addAllLeasedServiceIds(lease.services());
    sentAt.put(beat.getSequence(), lease.now());
    sentAt.remove(beat.getSequence() - REMEMBERED_HEARTBEATS);
  }

  /** Takes it in, durably. */
  public void granted(VolumeLease granted) {
    var askedAt = sentAt.get(granted.getHeartbeatSequence());
    if (askedAt == null) {
      log.warn("A lease for heartbeat {} came too late", granted.getHeartbeatSequence());
      return;
    }
    var validFor =
        Duration.ofSeconds(granted.getValidFor().getSeconds(), granted.getValidFor().getNanos());
    lease.granted(askedAt, validFor, granted.getServiceIdsList());
    number = granted.getNumber();
  }
}
