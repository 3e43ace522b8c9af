package dev.skep.controlplane.state;

import static java.util.stream.Collectors.toMap;

import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.ImageWish;
import dev.skep.controlplane.reconcile.Images;
import dev.skep.controlplane.workload.ObjectState;
import java.util.Map;
import java.util.function.Consumer;

/** Reads how far workers are with the images of some services' target releases. */
final class ImageReader {
  /** An agent that does not know images yet leaves them to its engine: nothing waits for it. */
  private static final String READ =
      """
      select worker_id, image, observed_message,
             case when observed_code = 'unknown_kind' then 'APPLIED' else observed_state end as state
      from worker_images
      where not removing and image in (
        select r.image from container_services s join releases r on r.id = s.release_id where s.id = any(:ids))
      """;

  private ImageReader() {}

  /** {@code answer} hears of the services that are bound as {@code ids}. */
  static void ask(Reads reads, Consumer<Images> answer) {
    reads.ask(
        READ,
        (row, c) ->
            Map.entry(
                new ImageWish(new WorkerId(Rows.uuid(row, "worker_id")), row.getString("image")),
                new Images.Image(
                    ObjectState.valueOf(row.getString("state")),
                    row.getString("observed_message"))),
        known ->
            answer.accept(
                new Images(known.stream().collect(toMap(Map.Entry::getKey, Map.Entry::getValue)))));
  }
}
