package dev.skep.openapi;

import dev.skep.client.SkepClient;
import dev.skep.client.SkepException;
import dev.skep.client.Target;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;

/** The program of docs/sdk.md. */
final class ClientExample {
  private ClientExample() {}

  static String run(String server, String token, String image) {
    try (SkepClient skep = SkepClient.connect(Target.of(server, token))) {
      CreateServiceRequest request =
          CreateServiceRequest.newBuilder()
              .setName("hello")
              .setSpec(ServiceSpec.newBuilder().setImage(image).setReplicas(2))
              .build();
      Service made = skep.call(() -> skep.services().createService(request).getService());
      try {
        GetServiceRequest nowhere = GetServiceRequest.newBuilder().setService("nowhere").build();
        return skep.call(() -> skep.services().getService(nowhere)).getService().getName();
      } catch (SkepException e) {
        return made.getName() + " is there; " + e.reason() + ": " + e.message();
      }
    }
  }
}
