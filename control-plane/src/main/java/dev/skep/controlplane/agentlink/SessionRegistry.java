package dev.skep.controlplane.agentlink;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Change;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Sessions that this control plane holds; a cache of nothing, lost with the process. */
final class SessionRegistry {
  private record Open(ClusterId cluster, Session session) {}

  private final Map<WorkerId, Open> sessions = new ConcurrentHashMap<>();

  /** A worker has one session: the one before is ended. */
  void add(WorkerId worker, ClusterId cluster, Session session) {
    Open before = sessions.put(worker, new Open(cluster, session));
    if (before != null) {
      before.session.end("a newer session of the same worker was opened");
    }
  }

  void remove(WorkerId worker, Session session) {
    sessions.computeIfPresent(worker, (id, open) -> open.session == session ? null : open);
  }

  void changed(Change change) {
    switch (change.topic()) {
      case CLUSTER ->
          sessions.values().stream()
              .filter(open -> open.cluster.value().equals(change.id()))
              .forEach(open -> open.session.assignmentsChanged());
      case EVERYTHING -> sessions.values().forEach(open -> open.session.assignmentsChanged());
      case SERVICE, LOGS -> {}
    }
  }

  int size() {
    return sessions.size();
  }

  /** Ends all of them now, also one that waits for the database. */
  void severAll(String why) {
    sessions.values().forEach(open -> open.session.sever(why));
  }

  void endAll(String why) {
    sessions.values().forEach(open -> open.session.end(why));
  }
}
