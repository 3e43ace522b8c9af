package dev.skep.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.TestControlPlane;
import dev.skep.controlplane.fixture.StubRegistry;
import io.swagger.parser.OpenAPIParser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openapitools.codegen.DefaultGenerator;
import org.openapitools.codegen.config.CodegenConfigurator;

/** The document is valid, and a client that is made from it alone talks to the server. */
final class GeneratedClientTest {
  @Test
  void aClientMadeFromTheDocumentTalksToTheServer(@TempDir Path directory) throws Exception {
    try (StubRegistry registry = new StubRegistry();
        TestControlPlane skep =
            new TestControlPlane(Files.createDirectory(directory.resolve("s")))) {
      String document = skep.send(skep.request("/openapi.json")).body();
      assertValid(document);
      Path sources = generate(Files.writeString(directory.resolve("openapi.json"), document));
      copyProgram(sources);

      assertThat(
              program(compile(sources))
                  .apply(skep.port() + " " + skep.token() + " " + registry.image("app:1")))
          .isEqualTo(
              "created sdk with 2 replicas, scaled it to 3, found 1, refused SERVICE_NOT_FOUND");
    }
  }

  private static void assertValid(String document) {
    SwaggerParseResult result =
        new OpenAPIParser().readContents(document, null, new ParseOptions());
    assertThat(result.getMessages()).isEmpty();
    assertThat(result.isOpenapi31()).isTrue();
    assertThat(result.getOpenAPI().getPaths()).hasSizeGreaterThan(40);
  }

  private static Path generate(Path document) {
    Path output = document.resolveSibling("client");
    CodegenConfigurator configurator =
        new CodegenConfigurator()
            .setInputSpec(document.toString())
            .setGeneratorName("java")
            .setLibrary("native")
            .setOutputDir(output.toString())
            .setApiPackage("client.api")
            .setModelPackage("client.model")
            .setInvokerPackage("client")
            .addAdditionalProperty("useJakartaEe", true)
            .addAdditionalProperty("openApiNullable", false)
            .addAdditionalProperty("useSingleRequestParameter", true)
            .addAdditionalProperty("hideGenerationTimestamp", true);
    for (String other : List.of("apiTests", "apiDocs", "modelTests", "modelDocs")) {
      configurator.addGlobalProperty(other, "false");
    }
    new DefaultGenerator().opts(configurator.toClientOptInput()).generate();
    return output.resolve("src/main/java");
  }

  private static void copyProgram(Path sources) throws IOException {
    try (InputStream in = GeneratedClientTest.class.getResourceAsStream("/Program.java.txt")) {
      Files.copy(in, sources.resolve("Program.java"));
    }
  }

  private static Path compile(Path sources) throws IOException {
    Path classes = Files.createDirectory(sources.resolve("classes"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-nowarn",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    try (Stream<Path> files = Files.walk(sources)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(f -> arguments.add(f.toString()));
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).as("the generated client compiles").isZero();
    return classes;
  }

  @SuppressWarnings("unchecked")
  private static UnaryOperator<String> program(Path classes) throws Exception {
    URL[] path = {classes.toUri().toURL()};
    ClassLoader loader = new URLClassLoader(path, GeneratedClientTest.class.getClassLoader());
    return (UnaryOperator<String>) loader.loadClass("Program").getConstructor().newInstance();
  }
}
