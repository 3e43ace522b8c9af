package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Workers as columns of primitives, in the order of their names; a worker is its number in them.
 * What is free changes with each decision, and the journal says where.
 */
final class Columns {
  private static final int JOURNAL_SLACK = 1024;

  private final List<Worker> workers;
  private final int[] zone;
  private final int zones;
  private final long[] freeCpu;
  private final long[] freeMemory;
  private final int[] replicas;

  /** Workers on which a host port is taken, by port. */
  private final Map<Integer, BitSet> takenPorts = new HashMap<>();

  private final Journal journal;
  private final Map<WorkerId, Integer> numbers = new HashMap<>();

  Columns(Collection<Worker> unordered, Map<WorkerId, Set<Integer>> hostPorts) {
    workers = new ArrayList<>(unordered);
    workers.sort(Comparator.comparing(Worker::name).thenComparing(w -> w.id().value()));
    int size = workers.size();
    zone = new int[size];
    freeCpu = new long[size];
    freeMemory = new long[size];
    replicas = new int[size];
    journal = new Journal(2 * size + JOURNAL_SLACK);
    Map<String, Integer> zoneNumbers = zoneNumbers();
    zones = Math.max(1, zoneNumbers.size());
    for (int i = 0; i < size; i++) {
      Worker worker = workers.get(i);
      Resources free = worker.facts().capacity().minus(worker.reserved());
      zone[i] = zoneNumbers.getOrDefault(worker.zone(), 0);
      freeCpu[i] = free.cpuMillis();
      freeMemory[i] = free.memoryBytes();
      replicas[i] = worker.replicas();
      for (int port : hostPorts.getOrDefault(worker.id(), Set.of())) {
        ports(port).set(i);
      }
    }
  }

  /** In the order of their names. */
  private Map<String, Integer> zoneNumbers() {
    Map<String, Integer> numbered = new HashMap<>();
    Set<String> names = new TreeSet<>();
    workers.forEach(worker -> names.add(worker.zone()));
    names.forEach(name -> numbered.put(name, numbered.size()));
    return numbered;
  }

  private BitSet ports(int port) {
    return takenPorts.computeIfAbsent(port, p -> new BitSet());
  }

  int size() {
    return zone.length;
  }

  Worker worker(int number) {
    return workers.get(number);
  }

  /** The number of a worker, -1 of one that is not there. */
  int number(WorkerId id) {
    if (numbers.isEmpty()) {
      for (int i = 0; i < size(); i++) {
        numbers.put(workers.get(i).id(), i);
      }
    }
    return numbers.getOrDefault(id, -1);
  }

  int zone(int worker) {
    return zone[worker];
  }

  int zones() {
    return zones;
  }

  long freeCpu(int worker) {
    return freeCpu[worker];
  }

  long freeMemory(int worker) {
    return freeMemory[worker];
  }

  int replicas(int worker) {
    return replicas[worker];
  }

  Journal journal() {
    return journal;
  }

  boolean fits(Requirement needed, int worker) {
    return freeCpu[worker] >= needed.each().cpuMillis()
        && freeMemory[worker] >= needed.each().memoryBytes()
        && portsFree(needed.hostPorts(), worker);
  }

  boolean portsFree(List<Integer> ports, int worker) {
    for (int i = 0; i < ports.size(); i++) {
      BitSet taken = takenPorts.get(ports.get(i));
      if (taken != null && taken.get(worker)) {
        return false;
      }
    }
    return true;
  }

  /** How many replicas more a worker has room for, at most so many. */
  int room(Requirement needed, int worker, int atMost) {
    if (atMost <= 0 || !fits(needed, worker)) {
      return 0;
    }
    long most = needed.hostPorts().isEmpty() ? atMost : 1;
    most = Math.min(most, freeCpu[worker] / Math.max(1, needed.each().cpuMillis()));
    return (int) Math.min(most, freeMemory[worker] / Math.max(1, needed.each().memoryBytes()));
  }

  void take(int worker, Resources each, List<Integer> ports, int count) {
    change(worker, each, count);
    for (int i = 0; i < ports.size(); i++) {
      ports(ports.get(i)).set(worker);
    }
  }

  void give(int worker, Resources each, List<Integer> ports, int count) {
    change(worker, each, -count);
    for (int i = 0; i < ports.size(); i++) {
      ports(ports.get(i)).clear(worker);
    }
  }

  private void change(int worker, Resources each, int count) {
    freeCpu[worker] -= each.cpuMillis() * count;
    freeMemory[worker] -= each.memoryBytes() * count;
    replicas[worker] += count;
    journal.add(worker);
  }
}
