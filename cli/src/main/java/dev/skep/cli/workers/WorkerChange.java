package dev.skep.cli.workers;

import com.google.protobuf.FieldMask;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.KeyValues;
import dev.skep.v1.UpdateWorkerRequest;
import dev.skep.v1.Worker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Labels and taints as they are after {@code key=value}, {@code word} and {@code word-}. */
final class WorkerChange {
  private WorkerChange() {}

  static UpdateWorkerRequest labels(Worker current, List<String> words) {
    var labels = new LinkedHashMap<>(current.getLabelsMap());
    for (String word : words) {
      if (word.endsWith("-") && !word.contains("=")) {
        labels.remove(word.substring(0, word.length() - 1));
      } else {
        labels.putAll(KeyValues.parse(List.of(word)));
      }
    }
    return request(current, "labels").putAllLabels(labels).build();
  }

  static UpdateWorkerRequest taints(Worker current, List<String> words) {
    var taints = new ArrayList<>(current.getTaintsList());
    for (String word : words) {
      if (word.contains("=")) {
        throw CliException.usage(
            "'" + word + "' is not a taint", "a taint is one word; take it away with word-");
      }
      if (word.endsWith("-")) {
        taints.remove(word.substring(0, word.length() - 1));
      } else if (!taints.contains(word)) {
        taints.add(word);
      }
    }
    return request(current, "taints").addAllTaints(taints).build();
  }

  private static UpdateWorkerRequest.Builder request(Worker current, String path) {
    return UpdateWorkerRequest.newBuilder()
        .setWorker(current.getId())
        .setEtag(current.getEtag())
        .setUpdateMask(FieldMask.newBuilder().addPaths(path));
  }
}
