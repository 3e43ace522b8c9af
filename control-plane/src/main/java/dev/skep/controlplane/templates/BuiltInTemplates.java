package dev.skep.controlplane.templates;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.skep.controlplane.db.Json;
import dev.skep.v1.CreateTemplateRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Templates that ship with Skep: files as somebody would give them to create one. */
final class BuiltInTemplates {
  private static final List<String> NAMES =
      List.of("mariadb", "nginx", "postgres", "uptime-kuma", "valkey", "whoami", "wordpress");

  private BuiltInTemplates() {}

  static List<CreateTemplateRequest> all() {
    return NAMES.stream().map(BuiltInTemplates::read).toList();
  }

  private static CreateTemplateRequest read(String name) {
    try (InputStream file = BuiltInTemplates.class.getResourceAsStream(name + ".yaml")) {
      Object yaml =
          new Load(LoadSettings.builder().setLabel(name).build())
              .loadFromInputStream(Objects.requireNonNull(file, name));
      CreateTemplateRequest.Builder template = CreateTemplateRequest.newBuilder();
      JsonFormat.parser().merge(Json.write(yaml), template);
      return template.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the template " + name + " is none", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
