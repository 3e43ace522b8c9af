package dev.skep.cli.templates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TemplateExportTest {
  @Test
  void whatLooksLikeAVariableIsEscapedAndASecretBecomesOne() {
    var spec = ServiceSpec.newBuilder().setImage("x:1").putEnv("A", "${B} $C <&>");
    spec.addSecretsBuilder().setSecret("db.pass-word").setEnv("P");
    var web = Service.newBuilder().setName("web").setSpec(spec).build();
    var db = Service.newBuilder().setName("db").setSpec(spec).build();

    var template = TemplateExport.of("shop", List.of(web, db)).getSpec();

    assertThat(template.getServicesList())
        .extracting(service -> service.getName())
        .containsExactly("web", "db");
    var exported = template.getServices(1).getSpec();
    assertThat(exported.getEnvMap()).containsEntry("A", "$${B} $C <&>");
    assertThat(exported.getSecrets(0).getSecret()).isEqualTo("${DB_PASS_WORD}");
    assertThat(template.getVariablesList())
        .extracting(
            variable -> variable.getName() + variable.getRequired() + variable.getIsSecret())
        .containsExactly("DB_PASS_WORDtruetrue");
  }
}
