package dev.skep.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Collections.unmodifiableSortedMap;
import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An image that no engine had to build. Equal content gives an equal digest, on every machine with
 * the same busybox.
 *
 * @param repository its name in the registry, for example {@code web} or {@code library/python}
 * @param environment sorted, because the order is part of the digest
 * @param ports TCP ports it says it exposes
 */
public record TestImage(
    String repository,
    String tag,
    List<TarLayer> layers,
    List<String> command,
    SortedMap<String, String> environment,
    List<Integer> ports) {

  public TestImage {
    layers = List.copyOf(layers);
    command = List.copyOf(command);
    environment = unmodifiableSortedMap(new TreeMap<>(environment));
    ports = List.copyOf(ports);
  }

  /** The same content under another name, for example as a stand-in for an image of a hub. */
  public TestImage named(String otherRepository, String otherTag) {
    return new TestImage(otherRepository, otherTag, layers, command, environment, ports);
  }

  public TestImage environment(String name, String value) {
    var changed = new TreeMap<>(environment);
    changed.put(name, value);
    return new TestImage(repository, tag, layers, command, changed, ports);
  }

  TestImage exposing(int port) {
    return new TestImage(repository, tag, layers, command, environment, List.of(port));
  }

  byte[] configuration() {
    var variables =
        environment.entrySet().stream()
            .map(variable -> quote(variable.getKey() + "=" + variable.getValue()))
            .collect(joining(","));
    return """
    {"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z",\
    "config":{"Env":[%s],"Cmd":[%s],"ExposedPorts":{%s}},\
    "rootfs":{"type":"layers","diff_ids":[%s]}}\
    """
        .formatted(
            architecture(),
            variables,
            command.stream().map(TestImage::quote).collect(joining(",")),
            ports.stream().map("\"%d/tcp\":{}"::formatted).collect(joining(",")),
            layers.stream().map(layer -> quote(layer.digest())).collect(joining(",")))
        .getBytes(UTF_8);
  }

  byte[] manifest() {
    var configuration = configuration();
    return """
    {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",\
    "config":%s,"layers":[%s]}\
    """
        .formatted(
            descriptor("application/vnd.docker.container.image.v1+json", configuration),
            layers.stream()
                .map(
                    layer ->
                        descriptor("application/vnd.docker.image.rootfs.diff.tar", layer.bytes()))
                .collect(joining(",")))
        .getBytes(UTF_8);
  }

  private static String descriptor(String mediaType, byte[] content) {
    return "{\"mediaType\":\"%s\",\"size\":%d,\"digest\":\"%s\"}"
        .formatted(mediaType, content.length, TarLayer.digestOf(content));
  }

  private static String quote(String text) {
    return text.chars().mapToObj(TestImage::escape).collect(joining("", "\"", "\""));
  }

  private static String escape(int character) {
    if (character == '"' || character == '\\') {
      return "\\" + (char) character;
    }
    return character < ' ' ? "\\u%04x".formatted(character) : Character.toString(character);
  }

  private static String architecture() {
    var name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }
}
