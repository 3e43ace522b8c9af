package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.ImageWish;
import dev.skep.controlplane.reconcile.Images;
import dev.skep.controlplane.workload.ObjectState;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Reads how far workers are with some images. */
final class ImageReader {
  /** An agent that does not know images yet leaves them to its engine: nothing waits for it. */
  private static final String READ =
      """
      select worker_id, image, observed_message,
             case when observed_code = 'unknown_kind' then 'APPLIED' else observed_state end as state
      from worker_images
      where image = any(:images) and not removing
      """;

  private ImageReader() {}

  static Images read(Handle handle, Collection<String> images) {
    Map<ImageWish, Images.Image> known = new HashMap<>();
    handle
        .createQuery(READ)
        .bind("images", images.stream().distinct().toArray(String[]::new))
        .map(
            (row, c) ->
                Map.entry(
                    new ImageWish(
                        new WorkerId(Rows.uuid(row, "worker_id")), row.getString("image")),
                    new Images.Image(
                        ObjectState.valueOf(row.getString("state")),
                        row.getString("observed_message"))))
        .forEach(e -> known.put(e.getKey(), e.getValue()));
    return new Images(known);
  }
}
