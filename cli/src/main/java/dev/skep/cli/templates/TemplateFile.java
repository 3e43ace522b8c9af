package dev.skep.cli.templates;

import com.google.gson.Gson;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.v1.CreateTemplateRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A template as a file: YAML, or JSON, which is YAML too. */
final class TemplateFile {
  private static final int MAX_BYTES = 1 << 20;
  private static final Gson GSON = new Gson();

  private TemplateFile() {}

  /** From a file; {@code -} is standard input. */
  static CreateTemplateRequest read(Session session, String file) {
    var text =
        file.equals("-")
            ? new String(session.readInput(MAX_BYTES), StandardCharsets.UTF_8)
            : fromFile(Path.of(file));
    var template = CreateTemplateRequest.newBuilder();
    try {
      var yaml = new Load(LoadSettings.builder().setLabel(file).build()).loadFromString(text);
      JsonFormat.parser().merge(GSON.toJson(yaml), template);
    } catch (YamlEngineException | InvalidProtocolBufferException e) {
      throw CliException.usage(
          file + " is no template: " + e.getMessage(),
          "see one: skep templates show skep.postgres --yaml");
    }
    return template.build();
  }

  private static String fromFile(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw CliException.usage("cannot read " + file + ": " + e.getClass().getSimpleName());
    }
  }

  static String write(CreateTemplateRequest template) {
    try {
      var json = JsonFormat.printer().print(template);
      var settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
      return new Dump(settings)
          .dumpToString(new Load(LoadSettings.builder().build()).loadFromString(json));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("our own messages can be printed", e);
    }
  }
}
