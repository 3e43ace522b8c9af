package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.file.FileService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a new worker downloads: the installer with our address and pins in it, and the agent. */
record InstallFiles(Path directory, Values values) {
  /**
   * What the installer must know.
   *
   * @param url public URL of the people's port
   * @param agentEndpoint host:port that agents dial
   * @param caPin hex SHA-256 of the agents' authority
   * @param tlsPin base64 SHA-256 of this server's public key
   */
  record Values(String url, String agentEndpoint, String caPin, String tlsPin) {}

  void addTo(ServerBuilder builder) {
    builder.service("/install/worker.sh", this::script);
    builder.serviceUnder("/install/", FileService.of(directory));
  }

  private HttpResponse script(ServiceRequestContext ctx, HttpRequest request) throws IOException {
    Path script = directory.resolve("worker.sh");
    if (!Files.exists(script)) {
      return HttpResponse.of(
          HttpStatus.NOT_FOUND,
          MediaType.PLAIN_TEXT_UTF_8,
          "there is no installer in SKEP_INSTALL_DIR\n");
    }
    String text =
        Files.readString(script)
            .replace("@SKEP_URL@", values.url)
            .replace("@SKEP_AGENT_ENDPOINT@", values.agentEndpoint)
            .replace("@SKEP_CA_PIN@", values.caPin)
            .replace("@SKEP_TLS_PIN@", values.tlsPin);
    return HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, text);
  }
}
