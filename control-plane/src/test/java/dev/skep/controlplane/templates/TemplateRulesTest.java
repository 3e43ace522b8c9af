package dev.skep.controlplane.templates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.GeneratedKind;
import dev.skep.v1.GeneratedValue;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.TemplateService;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.TemplateVariable;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class TemplateRulesTest {
  private static final GeneratedValue PASSWORD =
      GeneratedValue.newBuilder().setKind(GeneratedKind.GENERATED_KIND_PASSWORD).build();

  private static TemplateVariable.Builder variable(String name) {
    return TemplateVariable.newBuilder().setName(name);
  }

  private static TemplateSpec.Builder template(ServiceSpec.Builder spec) {
    return TemplateSpec.newBuilder().addServices(TemplateService.newBuilder().setSpec(spec));
  }

  private static ServiceSpec.Builder web() {
    return ServiceSpec.newBuilder().setImage("nginx:1.28.0");
  }

  private static List<String> wrong(TemplateSpec.Builder spec) {
    return TemplateRules.spec(spec.build()).stream().map(FieldViolation::field).toList();
  }

  private static Rendering render(TemplateSpec spec, Map<String, String> given) {
    List<FieldViolation> wrong = new ArrayList<>();
    Values values = Values.of(spec, "shop", given, v -> "generated-" + v.getName(), wrong);
    assertThat(wrong).isEmpty();
    return Rendering.of(spec, values);
  }

  @Test
  void everyBuiltInTemplateIsOneThatCouldBeCreatedAndDeployed() {
    List<CreateTemplateRequest> all = BuiltInTemplates.all();

    assertThat(all).hasSizeGreaterThan(5);
    for (CreateTemplateRequest template : all) {
      assertThat(TemplateRules.platformName(template.getName())).isEmpty();
      assertThat(TemplateRules.spec(template.getSpec())).as(template.getName()).isEmpty();
      assertThat(template.getSpec().getTitle()).isNotBlank();
      assertThat(template.getSpec().getDescription()).isNotBlank();
      render(template.getSpec(), Map.of())
          .services()
          .forEach(
              (name, spec) -> {
                assertThat(spec.getImage()).as(name).matches("[a-z0-9./-]+:v?[0-9][0-9.a-z-]+");
                assertThat(spec.hasHealthCheck()).as(name).isTrue();
                assertThat(spec.getResources().getMemoryBytes()).as(name).isPositive();
              });
    }
  }

  @Test
  void aVariableThatIsNotThereIsAnErrorWithItsField() {
    TemplateSpec.Builder spec =
        template(
            web()
                .setImage("nginx:${TGA}")
                .addArgs("a")
                .addArgs("${ARG}")
                .putEnv("KEY", "x ${VALUE}")
                .putWorkerLabels("zone", "${ZONE}"));

    assertThat(wrong(spec))
        .containsExactlyInAnyOrder(
            "spec.services[0].spec.image",
            "spec.services[0].spec.args[1]",
            "spec.services[0].spec.env[KEY]",
            "spec.services[0].spec.worker_labels[zone]");
  }

  @Test
  void whatIsNoVariableIsAnErrorAndAnEscapeIsNone() {
    assertThat(wrong(template(web().putEnv("A", "${a}"))))
        .containsExactly("spec.services[0].spec.env[A]");
    assertThat(wrong(template(web().putEnv("A", "$${a} $b")))).isEmpty();
  }

  @Test
  void aSpecThatCouldNotBeCreatedWithItsDefaultsIsRefused() {
    assertThat(wrong(template(web().setImage("nginx:${TAG}")).addVariables(variable("TAG"))))
        .containsExactly("spec.services[0].spec.image");
    assertThat(
            wrong(
                template(web().setImage("nginx:${TAG}").setReplicas(0))
                    .addVariables(variable("TAG").setDefaultValue("1"))))
        .containsExactly("spec.services[0].spec.replicas");
  }

  /** A path has to begin with a slash, and what will be given may. */
  @Test
  void whatIsNotKnownYetIsNotRefused() {
    ServiceSpec.Builder spec = web();
    spec.getHealthCheckBuilder().getHttpBuilder().setPath("${PATH}").setPort(80);

    assertThat(wrong(template(spec).addVariables(variable("PATH").setRequired(true)))).isEmpty();
    assertThat(wrong(template(spec).addVariables(variable("PATH").setDefaultValue("x"))))
        .containsExactly("spec.services[0].spec.health_check.http.path");
  }

  @Test
  void aSecretStandsOnlyWhereItStaysSecret() {
    TemplateVariable.Builder secret = variable("KEY").setIsSecret(true).setGenerate(PASSWORD);

    assertThat(wrong(template(web().addArgs("${KEY}")).addVariables(secret)))
        .containsExactly("spec.services[0].spec.args[0]");
    assertThat(wrong(template(web().setImage("x:${KEY}")).addVariables(secret)))
        .containsExactly("spec.services[0].spec.image");
    ServiceSpec.Builder part = web();
    part.addSecretsBuilder().setSecret("x${KEY}").setEnv("A");
    assertThat(wrong(template(part).addVariables(secret)))
        .containsExactly("spec.services[0].spec.secrets[0].secret");
    ServiceSpec.Builder right = web().putEnv("A", "${KEY}").putEnv("B", "x ${KEY}");
    right.addSecretsBuilder().setSecret("${KEY}").getFileBuilder().setPath("/run/secrets/key");
    assertThat(wrong(template(right).addVariables(secret))).isEmpty();
  }

  @Test
  void valuesOfSecretsAreInNoSpec() {
    ServiceSpec.Builder spec =
        web()
            .putEnv("A", "${KEY}")
            .putEnv("URL", "db://${USER}:${KEY}@${NAME}-db")
            .putEnv("C", "c");
    spec.addSecretsBuilder().setSecret("${KEY}").getFileBuilder().setPath("/run/secrets/key");
    TemplateSpec template =
        template(spec)
            .addServices(
                TemplateService.newBuilder().setName("db").setSpec(web().putEnv("K", "${KEY}")))
            .addVariables(variable("KEY").setIsSecret(true).setGenerate(PASSWORD))
            .addVariables(variable("USER").setDefaultValue("ada"))
            .build();

    Rendering rendering = render(template, Map.of("KEY", "hunter22"));

    assertThat(rendering.services().keySet()).containsExactly("shop", "shop-db");
    assertThat(rendering.services().toString()).doesNotContain("hunter22");
    assertThat(rendering.toString()).doesNotContain("hunter22");
    assertThat(rendering.secrets())
        .isEqualTo(Map.of("shop.KEY", "hunter22", "shop.env.URL", "db://ada:hunter22@shop-db"));
    List<ServiceSpec> services = List.copyOf(rendering.services().values());
    ServiceSpec shop = services.getFirst();
    assertThat(shop.getEnvMap()).isEqualTo(Map.of("C", "c"));
    assertThat(shop.getSecretsList())
        .extracting(use -> use.getSecret() + " " + use.getEnv() + use.getFile().getPath())
        .containsExactly("shop.KEY /run/secrets/key", "shop.KEY A", "shop.env.URL URL");
    assertThat(services.getLast().getSecrets(0).getSecret()).isEqualTo("shop.KEY");
  }

  @Test
  void aValueIsGivenOrGeneratedOrTheDefaultOrMissing() {
    TemplateSpec spec =
        template(web())
            .addVariables(variable("A").setRequired(true).setPattern("[a-z]+"))
            .addVariables(variable("B").setGenerate(PASSWORD))
            .addVariables(variable("C").setDefaultValue("c"))
            .addVariables(variable("D"))
            .build();
    List<FieldViolation> wrong = new ArrayList<>();

    Values values = Values.of(spec, "n", Map.of("A", "a", "C", ""), v -> "made", wrong);

    assertThat(wrong).isEmpty();
    assertThat(values.byVariable()).isEqualTo(Map.of("A", "a", "B", "made", "C", "", "D", ""));
    Values.of(spec, "n", Map.of("X", "secret-1"), v -> "made", wrong);
    Values.of(spec, "n", Map.of("A", "secret-2"), v -> "made", wrong);
    Values.of(spec, "n", Map.of("A", ""), v -> "made", wrong);
    assertThat(wrong)
        .extracting(FieldViolation::field)
        .containsExactly("variables[A]", "variables[X]", "variables[A]", "variables[A]");
    assertThat(wrong.toString()).doesNotContain("secret-");
  }

  @Test
  void patternsTakeNoLongerThanTheValueIsLong() {
    assertThat(Values.fits("(a+)+b", "a".repeat(10_000))).isFalse();
  }

  @Test
  void contradictionsOfVariablesAreNamed() {
    assertThat(
            wrong(
                template(web())
                    .addVariables(variable("x"))
                    .addVariables(variable("NAME"))
                    .addVariables(variable("A").setRequired(true).setDefaultValue("a"))
                    .addVariables(variable("A").setPattern("("))
                    .addVariables(variable("B").setPattern("[0-9]").setDefaultValue("b"))
                    .addVariables(variable("S").setIsSecret(true))
                    .addVariables(variable("T").setIsSecret(true).setDefaultValue("t"))
                    .addVariables(variable("G").setGenerate(GeneratedValue.getDefaultInstance()))
                    .addVariables(variable("L").setGenerate(PASSWORD.toBuilder().setLength(4)))))
        .containsExactly(
            "spec.variables[0].name",
            "spec.variables[1].name",
            "spec.variables[2].required",
            "spec.variables[3].name",
            "spec.variables[3].pattern",
            "spec.variables[4].default_value",
            "spec.variables[5].is_secret",
            "spec.variables[6].default_value",
            "spec.variables[7].generate.kind",
            "spec.variables[8].generate.length");
  }

  @Test
  void whatIsAroundTheServicesIsChecked() {
    TemplateSpec.Builder spec =
        template(web())
            .addServices(TemplateService.newBuilder().setSpec(web()))
            .addServices(TemplateService.newBuilder().setName("Db").setSpec(web()))
            .setTitle("a\nb")
            .addTags("ok")
            .addTags("ok")
            .addTags("Not ok")
            .setDocumentationUrl("javascript:alert(1)")
            .setIconUrl("http://example.org/i.png");

    assertThat(wrong(spec))
        .containsExactlyInAnyOrder(
            "spec.title",
            "spec.tags[1]",
            "spec.tags[2]",
            "spec.documentation_url",
            "spec.icon_url",
            "spec.services[1].name",
            "spec.services[2].name");
    assertThat(wrong(TemplateSpec.newBuilder())).containsExactly("spec.services");
    assertThat(TemplateRules.name("skep.x")).hasSize(1);
    assertThat(TemplateRules.platformName("x")).hasSize(1);
  }

  @Test
  void generatedValuesHaveTheirForm() {
    Random random = new Random(1);

    assertThat(Generated.value(PASSWORD, random)).matches("[A-Za-z0-9]{32}");
    assertThat(HexFormat.of().parseHex(value("HEX", 16, random))).hasSize(16);
    assertThat(Base64.getDecoder().decode(value("BASE64", 24, random))).hasSize(24);
    UUID uuid = UUID.fromString(value("UUID", 0, random));
    assertThat(uuid.version()).isEqualTo(4);
    assertThat(uuid.variant()).isEqualTo(2);
    assertThat(Generated.value(PASSWORD, random)).isNotEqualTo(Generated.value(PASSWORD, random));
  }

  private static String value(String kind, int length, Random random) {
    return Generated.value(
        GeneratedValue.newBuilder()
            .setKind(GeneratedKind.valueOf("GENERATED_KIND_" + kind))
            .setLength(length)
            .build(),
        random);
  }
}
