package dev.skep.controlplane.templates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.TemplateSpec;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a start of a control plane makes of the templates that ship with it. */
final class BuiltInTemplatesTest {
  private static final OrganizationId ANYBODY = new OrganizationId(new UUID(0, 1));

  private final TestDatabase test = TestDatabase.create();

  @AfterEach
  void close() {
    test.close();
  }

  private void start(CreateTemplateRequest... shipped) {
    test.database()
        .useTransaction(
            h -> TemplateStore.ofPlatform(h).writeBuiltIn(List.of(shipped), test.ids()));
  }

  private static CreateTemplateRequest template(String name, String title) {
    return CreateTemplateRequest.newBuilder()
        .setName(name)
        .setSpec(TemplateSpec.newBuilder().setTitle(title))
        .build();
  }

  /** Names, titles and versions. */
  private List<String> seen() {
    return test
        .database()
        .read(
            h ->
                TemplateStore.of(h, ANYBODY).list(new TemplateStore.Filter("", "", "", ""), "", 10))
        .stream()
        .map(t -> t.name() + " " + t.spec().getTitle() + " " + t.etag() + " " + t.builtIn())
        .toList();
  }

  @Test
  void eachStartMakesThemTheOnesThatShip() {
    start(template("skep.a", "A"), template("skep.b", "B"));
    start(template("skep.a", "A"), template("skep.b", "better"), template("skep.c", "C"));
    start(template("skep.a", "A"), template("skep.b", "better"));

    assertThat(seen()).containsExactly("skep.a A 1 true", "skep.b better 2 true");
  }

  @Test
  void whatAnAdminWroteKeepsItsName() {
    test.database()
        .useTransaction(
            h ->
                TemplateStore.ofPlatform(h)
                    .create(test.ids().get(), "skep.a", false, TemplateSpec.getDefaultInstance()));
    start(template("skep.a", "A"));
    start();

    assertThat(seen()).containsExactly("skep.a  1 false");
  }
}
