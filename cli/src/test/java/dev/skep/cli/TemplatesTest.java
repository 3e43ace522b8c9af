package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.CreatePlatformTemplateRequest;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.DeletePlatformTemplateRequest;
import dev.skep.v1.DeleteTemplateRequest;
import dev.skep.v1.DeployTemplateRequest;
import dev.skep.v1.ListTemplatesRequest;
import dev.skep.v1.PlanTemplateRequest;
import dev.skep.v1.UpdateTemplateRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TemplatesTest {
  private static final String FILE =
      """
      name: shop
      spec:
        title: Web shop
        variables:
          - {name: TAG, defaultValue: "1.4"}
        services:
          - spec:
              image: shop:${TAG}
              resources: {memoryBytes: 67108864}
              ports: [{containerPort: 8080}]
              healthCheck: {http: {path: /}, startPeriod: 10s}
      """;

  @TempDir private Path directory;
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation run(String arguments) {
    return runWith("", false, arguments);
  }

  private Invocation runWith(String input, boolean person, String arguments) {
    var environment =
        Map.of(
            "SKEP_SERVER",
            "http://127.0.0.1:" + controlPlane.port(),
            "SKEP_TOKEN",
            "skp_t",
            "PASSWORD",
            "hunter2");
    return Invocation.run(environment, input, person, arguments.split(" "));
  }

  private <T> T request(Class<T> type) {
    return controlPlane.requests.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  @Test
  void listsAreReadToTheirEndAndNarrowed() {
    var result = run("templates ls --tag web --search shop --own");

    assertThat(result.out()).contains("TEMPLATE", "a ", "b ", "Web shop", "organization");
    assertThat(request(ListTemplatesRequest.class).getTag()).isEqualTo("web");
  }

  @Test
  void aTemplateIsShownWithItsBlanks() {
    assertThat(run("templates show shop").out())
        .contains("DOMAIN", "(required)", "(new password)", "NAME-db", "postgres:17.6");
  }

  @Test
  void whatIsShownAsYamlCanBeCreated() {
    var yaml = run("templates show shop --yaml").out();

    var result = runWith(yaml, false, "templates create mine -f -");

    assertThat(result.code()).as(result.err()).isZero();
    var created = request(CreateTemplateRequest.class);
    assertThat(created.getName()).isEqualTo("mine");
    assertThat(created.getSpec().getServices(0).getSpec().getEnvMap()).containsEntry("A", "$${B}");
    assertThat(created.getSpec().getVariablesCount()).isEqualTo(2);
  }

  @Test
  void aFileBecomesATemplate() throws IOException {
    var file = Files.writeString(directory.resolve("shop.yaml"), FILE);

    assertThat(run("templates create -f " + file).out()).contains("templates deploy shop --name");
    var created = request(CreateTemplateRequest.class);
    assertThat(created.getName()).isEqualTo("shop");
    var service = created.getSpec().getServices(0).getSpec();
    assertThat(service.getResources().getMemoryBytes()).isEqualTo(64L << 20);
    assertThat(service.getHealthCheck().getStartPeriod().getSeconds()).isEqualTo(10);
    run("templates create skep.shop -f " + file);
    assertThat(request(CreatePlatformTemplateRequest.class).getName()).isEqualTo("skep.shop");
    run("templates update shop -f " + file);
    var update = request(UpdateTemplateRequest.class);
    assertThat(update.getEtag()).isEqualTo("7");
    assertThat(update.getUpdateMask().getPathsList()).contains("title", "variables", "services");
  }

  @Test
  void whatIsNoTemplateIsRefusedWithItsPlace() throws IOException {
    var unknown = Files.writeString(directory.resolve("a"), "name: x\nspec: {titel: y}\n");
    var broken = Files.writeString(directory.resolve("b"), "name: [x\n");

    assertThat(run("templates create -f " + unknown).err()).contains("titel");
    assertThat(run("templates create -f " + broken).code()).isEqualTo(2);
    assertThat(controlPlane.requests).isEmpty();
  }

  @Test
  void deployingFillsTheBlanks() throws IOException {
    var domain = Files.writeString(directory.resolve("domain"), "example.org\n");
    var result =
        run(
            "templates deploy shop --name blog --no-wait --set PASSWORD --set-file DOMAIN="
                + domain);

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("blog-db", "Secrets: blog.PASSWORD");
    assertThat(result.err()).contains("without interruption");
    assertThat(result.out() + result.err()).doesNotContain("hunter2");
    var request = request(DeployTemplateRequest.class);
    assertThat(request.getName()).isEqualTo("blog");
    assertThat(request.getRequestId()).hasSize(36);
    assertThat(request.getVariablesMap())
        .isEqualTo(Map.of("PASSWORD", "hunter2", "DOMAIN", "example.org"));
  }

  @Test
  void aSecretIsNoArgument() {
    var result = run("templates deploy shop --name blog --set PASSWORD=hunter2");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("PASSWORD is secret", "--set-file").doesNotContain("hunter2");
  }

  @Test
  void aPersonIsAskedForWhatIsMissing() {
    var result = runWith("example.org\n", true, "templates plan shop --name blog");

    assertThat(result.err()).contains("DOMAIN (Where it is)");
    assertThat(request(PlanTemplateRequest.class).getVariablesMap())
        .isEqualTo(Map.of("DOMAIN", "example.org"));
    assertThat(result.out())
        .contains("Would create blog from shop:1", "w1", "blog.PASSWORD", "Nothing was written");
  }

  @Test
  void theNameSaysWhoseTemplateGoes() {
    assertThat(run("templates rm shop --yes").out()).contains("shop is deleted");
    assertThat(request(DeleteTemplateRequest.class).getTemplate()).isEqualTo("shop");
    run("templates rm skep.crm --yes");
    assertThat(request(DeletePlatformTemplateRequest.class).getTemplate()).isEqualTo("skep.crm");
  }

  @Test
  void servicesAreExportedWithTheirSecretsAsVariables() {
    run("services create web --image x:1 --no-wait");

    var result = run("templates export web --name shop");

    assertThat(result.code()).as(result.err()).isZero();
    runWith(result.out(), false, "templates create -f -");
    var created = request(CreateTemplateRequest.class);
    assertThat(created.getName()).isEqualTo("shop");
    assertThat(created.getSpec().getServices(0).getName()).isEmpty();
    assertThat(created.getSpec().getServices(0).getSpec().getImage()).isNotEmpty();
  }
}
