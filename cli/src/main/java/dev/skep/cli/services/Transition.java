package dev.skep.cli.services;

import com.google.protobuf.Message;
import dev.skep.v1.DeployServiceRequest;
import dev.skep.v1.RestartServiceRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServicesServiceGrpc.ServicesServiceBlockingStub;
import dev.skep.v1.StartServiceRequest;
import dev.skep.v1.StopServiceRequest;

/** The changes of a service that need nothing but its name. */
enum Transition {
  DEPLOY("deploy", "Roll out what the tag of its image means now.") {
    @Override
    Outcome apply(ServicesServiceBlockingStub services, String service) {
      var request = DeployServiceRequest.newBuilder().setService(service).build();
      var response = services.deployService(request);
      return new Outcome(response, response.getService());
    }
  },
  RESTART("restart", "Replace every replica by a new one of the same release.") {
    @Override
    Outcome apply(ServicesServiceBlockingStub services, String service) {
      var request = RestartServiceRequest.newBuilder().setService(service).build();
      var response = services.restartService(request);
      return new Outcome(response, response.getService());
    }
  },
  STOP("stop", "Take every replica down and keep the definition.") {
    @Override
    Outcome apply(ServicesServiceBlockingStub services, String service) {
      var request = StopServiceRequest.newBuilder().setService(service).build();
      var response = services.stopService(request);
      return new Outcome(response, response.getService());
    }
  },
  START("start", "Bring a stopped service back with its current release.") {
    @Override
    Outcome apply(ServicesServiceBlockingStub services, String service) {
      var request = StartServiceRequest.newBuilder().setService(service).build();
      var response = services.startService(request);
      return new Outcome(response, response.getService());
    }
  };

  private final String word;
  private final String description;

  Transition(String word, String description) {
    this.word = word;
    this.description = description;
  }

  abstract Outcome apply(ServicesServiceBlockingStub services, String service);

  String word() {
    return word;
  }

  String description() {
    return description;
  }

  /** The response as it came and the service in it. */
  record Outcome(Message response, Service service) {}
}
