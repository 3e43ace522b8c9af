package dev.skep.controlplane;

import static dev.skep.controlplane.Refused.assertRefused;
import static dev.skep.controlplane.Refused.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.CreatePlatformTemplateRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.DeletePlatformTemplateRequest;
import dev.skep.v1.DeleteTemplateRequest;
import dev.skep.v1.DeployTemplateRequest;
import dev.skep.v1.DeployTemplateResponse;
import dev.skep.v1.GeneratedKind;
import dev.skep.v1.GetTemplateRequest;
import dev.skep.v1.ListSecretsRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ListTemplatesRequest;
import dev.skep.v1.ListTemplatesResponse;
import dev.skep.v1.PlanTemplateRequest;
import dev.skep.v1.PlanTemplateResponse;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.QuotaResource;
import dev.skep.v1.QuotasServiceGrpc;
import dev.skep.v1.Role;
import dev.skep.v1.Secret;
import dev.skep.v1.SecretsServiceGrpc;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.Template;
import dev.skep.v1.TemplateOwner;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.TemplatesServiceGrpc;
import dev.skep.v1.TemplatesServiceGrpc.TemplatesServiceBlockingStub;
import dev.skep.v1.UpdatePlatformTemplateRequest;
import dev.skep.v1.UpdateQuotasRequest;
import dev.skep.v1.UpdateTemplateRequest;
import io.grpc.Channel;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Templates through the real server; each test has an organization of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TemplatesApiTest {
  private static final String CANARY = "canary-77aa10c3";

  private TestControlPlane skep;
  private StubRegistry registry;

  @BeforeAll
  void start(@TempDir Path directory) {
    registry = new StubRegistry();
    skep = new TestControlPlane(directory);
  }

  @AfterAll
  void stop() {
    skep.close();
    registry.close();
  }

  private static TemplatesServiceBlockingStub templates(Channel channel) {
    return TemplatesServiceGrpc.newBlockingStub(channel);
  }

  /** A web server that reaches its database with a password, in two ways. */
  private TemplateSpec shop() {
    TemplateSpec.Builder spec =
        TemplateSpec.newBuilder().setTitle("Shop").setDescription("Sells things").addTags("web");
    spec.addVariablesBuilder().setName("TAG").setDefaultValue("1");
    spec.addVariablesBuilder()
        .setName("PASSWORD")
        .setIsSecret(true)
        .getGenerateBuilder()
        .setKind(GeneratedKind.GENERATED_KIND_PASSWORD);
    spec.addServicesBuilder()
        .setSpec(
            ServiceSpec.newBuilder()
                .setImage(registry.image("shop:${TAG}"))
                .putEnv("URL", "db://shop:${PASSWORD}@${NAME}-db/shop")
                .putEnv("PLAIN", "of ${NAME}"));
    spec.addServicesBuilder()
        .setName("db")
        .setSpec(
            ServiceSpec.newBuilder()
                .setImage(registry.image("db:1"))
                .putEnv("DB_PASSWORD", "${PASSWORD}"));
    return spec.build();
  }

  private Template create(Channel channel, String name) {
    return templates(channel)
        .createTemplate(CreateTemplateRequest.newBuilder().setName(name).setSpec(shop()).build())
        .getTemplate();
  }

  private static DeployTemplateRequest.Builder deploy(String template, String name) {
    return DeployTemplateRequest.newBuilder().setTemplate(template).setName(name);
  }

  private static List<String> services(Channel channel) {
    return ServicesServiceGrpc.newBlockingStub(channel)
        .listServices(ListServicesRequest.getDefaultInstance())
        .getServicesList()
        .stream()
        .map(Service::getName)
        .toList();
  }

  private static List<String> secrets(Channel channel) {
    return SecretsServiceGrpc.newBlockingStub(channel)
        .listSecrets(ListSecretsRequest.getDefaultInstance())
        .getSecretsList()
        .stream()
        .map(Secret::getName)
        .toList();
  }

  @Test
  void aTemplateIsMadeReadChangedAndDeleted() {
    Channel deployer = new TestTenant(skep, "crud").as(Role.ROLE_DEPLOYER);
    Template made = create(deployer, "shop");

    assertThat(made.getOwner()).isEqualTo(TemplateOwner.TEMPLATE_OWNER_ORGANIZATION);
    assertThat(templates(deployer).getTemplate(get("shop")).getTemplate()).isEqualTo(made);
    assertThat(templates(deployer).getTemplate(get(made.getId())).getTemplate()).isEqualTo(made);
    assertThat(made.getSpec()).isEqualTo(shop());
    assertRefused("NAME_TAKEN", () -> create(deployer, "shop"));
    UpdateTemplateRequest update =
        UpdateTemplateRequest.newBuilder()
            .setTemplate("shop")
            .setSpec(TemplateSpec.newBuilder().setTitle("Store"))
            .setUpdateMask(FieldMask.newBuilder().addPaths("title").addPaths("tags"))
            .setEtag(made.getEtag())
            .build();
    Template updated = templates(deployer).updateTemplate(update).getTemplate();
    assertThat(updated.getSpec())
        .isEqualTo(shop().toBuilder().setTitle("Store").clearTags().build());
    assertRefused("ETAG_MISMATCH", () -> templates(deployer).updateTemplate(update));
    assertRefused(
        "INVALID_FIELD",
        () ->
            templates(deployer)
                .updateTemplate(
                    update.toBuilder()
                        .clearEtag()
                        .setUpdateMask(FieldMask.newBuilder().addPaths("services"))
                        .build()));
    DeleteTemplateRequest delete = DeleteTemplateRequest.newBuilder().setTemplate("shop").build();
    var _ = templates(deployer).deleteTemplate(delete);
    assertRefused("TEMPLATE_NOT_FOUND", () -> templates(deployer).getTemplate(get("shop")));
  }

  private static GetTemplateRequest get(String template) {
    return GetTemplateRequest.newBuilder().setTemplate(template).build();
  }

  @Test
  void whatBelongsToOthersIsNotThere() {
    Channel one = new TestTenant(skep, "mine").as(Role.ROLE_ADMIN);
    Channel other = new TestTenant(skep, "foreign").as(Role.ROLE_ADMIN);
    Template made = create(one, "shop");

    for (String key : List.of("shop", made.getId())) {
      assertRefused("TEMPLATE_NOT_FOUND", () -> templates(other).getTemplate(get(key)));
      assertRefused(
          "TEMPLATE_NOT_FOUND", () -> templates(other).deployTemplate(deploy(key, "x").build()));
      assertRefused(
          "TEMPLATE_NOT_FOUND",
          () ->
              templates(other)
                  .deleteTemplate(DeleteTemplateRequest.newBuilder().setTemplate(key).build()));
    }
    assertThat(names(other, ListTemplatesRequest.newBuilder())).doesNotContain("shop");
    assertThat(create(other, "shop").getId()).isNotEqualTo(made.getId());
  }

  private static List<String> names(Channel channel, ListTemplatesRequest.Builder request) {
    List<String> names = new ArrayList<>();
    ListTemplatesResponse page;
    do {
      page = templates(channel).listTemplates(request.build());
      page.getTemplatesList().forEach(t -> names.add(t.getName()));
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return names;
  }

  @Test
  void listsHaveWhatShipsWithSkepAndCanBeNarrowed() {
    Channel viewer = new TestTenant(skep, "lists").as(Role.ROLE_VIEWER);
    Channel admin = TestTenant.in(skep.people(), "lists");
    var _ = create(admin, "shop");

    assertThat(names(viewer, ListTemplatesRequest.newBuilder().setPageSize(2)))
        .contains("shop", "skep.postgres", "skep.wordpress", "skep.whoami")
        .isSorted();
    assertThat(names(viewer, ListTemplatesRequest.newBuilder().setTag("database")))
        .contains("skep.postgres", "skep.valkey")
        .doesNotContain("shop", "skep.nginx");
    assertThat(names(viewer, ListTemplatesRequest.newBuilder().setSearch("SELLS")))
        .containsExactly("shop");
    assertThat(names(viewer, ListTemplatesRequest.newBuilder().setNamePrefix("skep.w")))
        .containsExactly("skep.whoami", "skep.wordpress");
    assertThat(
            names(
                viewer,
                ListTemplatesRequest.newBuilder()
                    .setOwner(TemplateOwner.TEMPLATE_OWNER_ORGANIZATION)))
        .containsExactly("shop");
    assertThat(
            templates(viewer)
                .listTemplates(ListTemplatesRequest.getDefaultInstance())
                .getTemplatesList())
        .allSatisfy(t -> assertThat(t.getSpec().getServicesCount()).isZero())
        .allSatisfy(t -> assertThat(t.getSpec().getTitle()).isNotBlank());
  }

  @Test
  void theWholeOfATemplateIsDeployed() {
    Channel deployer = new TestTenant(skep, "whole").as(Role.ROLE_DEPLOYER);
    var _ = create(deployer, "shop");

    DeployTemplateResponse made =
        templates(deployer)
            .deployTemplate(deploy("shop", "store").putVariables("TAG", "2").build());

    assertThat(made.getServicesList())
        .extracting(Service::getName)
        .containsExactly("store", "store-db");
    assertThat(made.getSecretsList()).containsExactly("store.PASSWORD", "store.env.URL");
    assertThat(secrets(deployer)).containsExactly("store.PASSWORD", "store.env.URL");
    Service store = made.getServices(0);
    assertThat(store.getSpec().getImage()).isEqualTo(registry.image("shop:2"));
    assertThat(store.getSpec().getEnvMap()).containsOnlyKeys("PLAIN").containsValue("of store");
    assertThat(store.getStatus().getDeploymentId()).isNotEmpty();
    assertThat(store.getStatus().getRelease().getImageDigest()).startsWith("sha256:");
    assertThat(made.getServices(1).getSpec().getSecrets(0).getSecret()).isEqualTo("store.PASSWORD");
    assertThat(services(deployer)).containsExactly("store", "store-db");
  }

  @Test
  void aRequestThatIsSentAgainMakesNothingTwice() {
    Channel deployer = new TestTenant(skep, "again").as(Role.ROLE_DEPLOYER);
    var _ = create(deployer, "shop");
    DeployTemplateRequest request =
        deploy("shop", "store").setRequestId(UUID.randomUUID().toString()).build();

    DeployTemplateResponse first = templates(deployer).deployTemplate(request);
    DeployTemplateResponse again = templates(deployer).deployTemplate(request);

    assertThat(again.getServicesList())
        .extracting(Service::getId)
        .isEqualTo(first.getServicesList().stream().map(Service::getId).toList());
    assertThat(again.getSecretsList()).isEqualTo(first.getSecretsList()).hasSize(2);
    assertThat(services(deployer)).hasSize(2);
    assertRefused(
        "REQUEST_ID_REUSED",
        () -> templates(deployer).deployTemplate(request.toBuilder().setName("other").build()));
  }

  @Test
  void whatIsRefusedLeavesNothing() {
    TestTenant tenant = new TestTenant(skep, "nothing");
    Channel deployer = tenant.as(Role.ROLE_DEPLOYER);
    var _ = create(deployer, "shop");
    var _ =
        ServicesServiceGrpc.newBlockingStub(deployer)
            .createService(
                CreateServiceRequest.newBuilder()
                    .setName("taken-db")
                    .setSpec(ServiceSpec.newBuilder().setImage(registry.image("x:1")))
                    .build());

    assertRefused(
        "NAME_TAKEN", () -> templates(deployer).deployTemplate(deploy("shop", "taken").build()));
    limit(tenant, QuotaResource.QUOTA_RESOURCE_SERVICES, 2);
    assertRefused(
        "QUOTA_EXCEEDED", () -> templates(deployer).deployTemplate(deploy("shop", "a").build()));
    limit(tenant, QuotaResource.QUOTA_RESOURCE_SERVICES, 9);
    limit(tenant, QuotaResource.QUOTA_RESOURCE_SECRETS, 1);
    assertRefused(
        "QUOTA_EXCEEDED", () -> templates(deployer).deployTemplate(deploy("shop", "a").build()));
    assertRefused(
        "IMAGE_NOT_FOUND",
        () ->
            templates(deployer)
                .deployTemplate(deploy("shop", "a").putVariables("TAG", "missing").build()));
    assertThat(
            message(
                () ->
                    templates(deployer)
                        .deployTemplate(deploy("shop", "a").putVariables("TAG", "??").build())))
        .startsWith("spec.services[0].spec.image: ");

    assertThat(services(deployer)).containsExactly("taken-db");
    assertThat(secrets(deployer)).isEmpty();
    limit(tenant, QuotaResource.QUOTA_RESOURCE_SECRETS, 2);
    assertThat(templates(deployer).deployTemplate(deploy("shop", "a").build()).getServicesCount())
        .isEqualTo(2);
  }

  private static void limit(TestTenant tenant, QuotaResource resource, long limit) {
    var _ =
        QuotasServiceGrpc.newBlockingStub(tenant.platform())
            .updateQuotas(
                UpdateQuotasRequest.newBuilder()
                    .addLimits(QuotaLimit.newBuilder().setResource(resource).setLimit(limit))
                    .build());
  }

  @Test
  void aPlanSaysWhatWouldBeMadeAndMakesNothing() {
    TestTenant tenant = new TestTenant(skep, "plans");
    Channel deployer = tenant.as(Role.ROLE_DEPLOYER);
    var _ = create(deployer, "shop");
    PlanTemplateRequest request =
        PlanTemplateRequest.newBuilder().setTemplate("shop").setName("store").build();

    PlanTemplateResponse plan = templates(deployer).planTemplate(request);

    assertThat(plan.getServicesList())
        .extracting(s -> s.getName() + " " + s.getForecast().getReplicasMissing())
        .containsExactly("store 1", "store-db 1");
    assertThat(plan.getServices(0).getImageDigest()).startsWith("sha256:");
    assertThat(plan.getSecretsList()).containsExactly("store.PASSWORD", "store.env.URL");
    assertThat(services(deployer)).isEmpty();
    assertThat(secrets(deployer)).isEmpty();
    // One would do.
    limit(tenant, QuotaResource.QUOTA_RESOURCE_SERVICES, 1);
    assertRefused("QUOTA_EXCEEDED", () -> templates(deployer).planTemplate(request));
    limit(tenant, QuotaResource.QUOTA_RESOURCE_SERVICES, 9);
    var _ = templates(deployer).deployTemplate(deploy("shop", "store").build());
    assertRefused("NAME_TAKEN", () -> templates(deployer).planTemplate(request));
  }

  @Test
  void valuesOfSecretsAreInNoAnswerAndInTheClearNowhere() throws SQLException {
    TestTenant tenant = new TestTenant(skep, "canary");
    Channel deployer = tenant.as(Role.ROLE_DEPLOYER);
    var _ = create(deployer, "shop");
    DeployTemplateRequest request =
        deploy("shop", "store")
            .putVariables("PASSWORD", CANARY)
            .setRequestId(UUID.randomUUID().toString())
            .build();

    DeployTemplateResponse made = templates(deployer).deployTemplate(request);
    assertRefused(
        "NAME_TAKEN",
        () -> templates(deployer).deployTemplate(request.toBuilder().clearRequestId().build()));

    assertThat(made.toString()).doesNotContain(CANARY);
    List<String> tables =
        skep.sql(
            "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace");
    assertThat(tables).contains("audit_entries", "container_services", "releases");
    for (String table : tables) {
      assertThat(skep.sql("select 1 from " + table + " t where t::text like '%" + CANARY + "%'"))
          .as(table)
          .isEmpty();
    }
    assertThat(
            skep.sql(
                "select request from audit_entries where action like '%DeployTemplate' and request like '%PASSWORD%'"))
        .isNotEmpty()
        .allMatch(entry -> entry.contains("(not shown)"));
  }

  @Test
  void whoMayNotGiveSecretsDeploysNone() {
    TestTenant tenant = new TestTenant(skep, "narrow");
    var _ = create(tenant.as(Role.ROLE_ADMIN), "shop");
    Channel viewer = tenant.as(Role.ROLE_VIEWER);

    assertRefused(
        "PERMISSION_DENIED", () -> templates(viewer).deployTemplate(deploy("shop", "a").build()));
    assertRefused("PERMISSION_DENIED", () -> create(viewer, "mine"));
    assertThat(templates(viewer).getTemplate(get("shop")).getTemplate().getName())
        .isEqualTo("shop");
  }

  @Test
  void whatIsThePlatformsEverybodySeesAndItsAdminsWrite() {
    Channel admin = new TestTenant(skep, "users").as(Role.ROLE_ADMIN);
    Channel platform = skep.people();
    CreatePlatformTemplateRequest request =
        CreatePlatformTemplateRequest.newBuilder().setName("skep.crm").setSpec(shop()).build();

    assertRefused("PERMISSION_DENIED", () -> templates(admin).createPlatformTemplate(request));
    Template made = templates(platform).createPlatformTemplate(request).getTemplate();

    assertThat(made.getOwner()).isEqualTo(TemplateOwner.TEMPLATE_OWNER_PLATFORM);
    assertThat(templates(admin).getTemplate(get("skep.crm")).getTemplate()).isEqualTo(made);
    assertThat(templates(admin).deployTemplate(deploy("skep.crm", "crm").build()).getServicesList())
        .hasSize(2);
    UpdateTemplateRequest update =
        UpdateTemplateRequest.newBuilder()
            .setTemplate("skep.crm")
            .setSpec(TemplateSpec.newBuilder().setTitle("CRM"))
            .setUpdateMask(FieldMask.newBuilder().addPaths("title"))
            .build();
    assertRefused("PERMISSION_DENIED", () -> templates(admin).updateTemplate(update));
    assertThat(
            templates(platform)
                .updatePlatformTemplate(
                    UpdatePlatformTemplateRequest.newBuilder()
                        .setTemplate("skep.crm")
                        .setSpec(update.getSpec())
                        .setUpdateMask(update.getUpdateMask())
                        .build())
                .getTemplate()
                .getSpec()
                .getTitle())
        .isEqualTo("CRM");
    assertRefused(
        "TEMPLATE_BUILT_IN",
        () -> templates(platform).deletePlatformTemplate(deletePlatform("skep.postgres")));
    var _ = templates(platform).deletePlatformTemplate(deletePlatform("skep.crm"));
    assertRefused("TEMPLATE_NOT_FOUND", () -> templates(admin).getTemplate(get("skep.crm")));
    assertRefused("INVALID_FIELD", () -> create(admin, "skep.mine"));
  }

  private static DeletePlatformTemplateRequest deletePlatform(String template) {
    return DeletePlatformTemplateRequest.newBuilder().setTemplate(template).build();
  }

  @Test
  void allOfItIsThereOverRest() {
    var _ = new TestTenant(skep, "rest");
    assertThat(rest("GET", "/api/templates?tag=sql", "")).contains("200", "skep.postgres");
    assertThat(rest("GET", "/api/templates/skep.postgres", "")).contains("200", "isSecret");
    assertThat(
            rest(
                "POST",
                "/api/templates",
                """
                {"name": "tiny", "spec": {"services": [{"spec": {"image": "%s", "env": {"A": "${B}"}}}]}}"""
                    .formatted(registry.image("x:1"))))
        .contains("400", "spec.services[0].spec.env[A]");
    assertThat(
            rest(
                "POST",
                "/api/templates",
                """
                {"name": "tiny", "spec": {"services": [{"spec": {"image": "%s"}}]}}"""
                    .formatted(registry.image("x:1"))))
        .contains("200");
    assertThat(rest("POST", "/api/templates/tiny/deploy", "{\"name\": \"a\"}"))
        .contains("200", "deploymentId");
    assertThat(rest("POST", "/api/templates/tiny/plan", "{\"name\": \"b\"}")).contains("200");
    assertThat(rest("DELETE", "/api/templates/tiny", "")).contains("200");
    assertThat(rest("GET", "/api/templates/tiny", "")).contains("404", "TEMPLATE_NOT_FOUND");
  }

  /** Status and body. */
  private String rest(String method, String path, String body) {
    var answer =
        skep.send(
            skep.authorized(path)
                .header("skep-organization", "rest")
                .header("content-type", "application/json")
                .method(
                    method,
                    body.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body)));
    return answer.statusCode() + " " + answer.body();
  }
}
