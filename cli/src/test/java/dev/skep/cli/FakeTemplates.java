package dev.skep.cli;

import dev.skep.v1.CreatePlatformTemplateRequest;
import dev.skep.v1.CreatePlatformTemplateResponse;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.CreateTemplateResponse;
import dev.skep.v1.DeletePlatformTemplateRequest;
import dev.skep.v1.DeletePlatformTemplateResponse;
import dev.skep.v1.DeleteTemplateRequest;
import dev.skep.v1.DeleteTemplateResponse;
import dev.skep.v1.DeployTemplateRequest;
import dev.skep.v1.DeployTemplateResponse;
import dev.skep.v1.GeneratedKind;
import dev.skep.v1.GetTemplateRequest;
import dev.skep.v1.GetTemplateResponse;
import dev.skep.v1.ListTemplatesRequest;
import dev.skep.v1.ListTemplatesResponse;
import dev.skep.v1.PlanTemplateRequest;
import dev.skep.v1.PlanTemplateResponse;
import dev.skep.v1.ServiceState;
import dev.skep.v1.Template;
import dev.skep.v1.TemplateOwner;
import dev.skep.v1.TemplatesServiceGrpc;
import dev.skep.v1.UpdateTemplateRequest;
import dev.skep.v1.UpdateTemplateResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** One template per page: a service and its database, with a variable of each kind. */
final class FakeTemplates extends TemplatesServiceGrpc.TemplatesServiceImplBase {
  private final List<Object> requests;

  FakeTemplates(List<Object> requests) {
    this.requests = requests;
  }

  private <T> void answer(Object request, StreamObserver<T> observer, T value) {
    requests.add(request);
    observer.onNext(value);
    observer.onCompleted();
  }

  private static Template template(String name) {
    var template = Template.newBuilder().setId("id-" + name).setName(name).setEtag("7");
    template.setOwner(TemplateOwner.TEMPLATE_OWNER_ORGANIZATION);
    var spec = template.getSpecBuilder().setTitle("Web shop").addTags("web").setVersion("1.4");
    spec.addVariablesBuilder().setName("DOMAIN").setRequired(true).setDescription("Where it is");
    spec.addVariablesBuilder()
        .setName("PASSWORD")
        .setIsSecret(true)
        .getGenerateBuilder()
        .setKind(GeneratedKind.GENERATED_KIND_PASSWORD);
    spec.addServicesBuilder().getSpecBuilder().setImage("shop:${TAG}").putEnv("A", "$${B}");
    spec.addServicesBuilder().setName("db").getSpecBuilder().setImage("postgres:17.6");
    return template.build();
  }

  @Override
  public void listTemplates(
      ListTemplatesRequest request, StreamObserver<ListTemplatesResponse> observer) {
    boolean first = request.getPageToken().isEmpty();
    var answer = ListTemplatesResponse.newBuilder().addTemplates(template(first ? "a" : "b"));
    answer(request, observer, answer.setNextPageToken(first ? "next" : "").build());
  }

  @Override
  public void getTemplate(
      GetTemplateRequest request, StreamObserver<GetTemplateResponse> observer) {
    var answer = GetTemplateResponse.newBuilder().setTemplate(template(request.getTemplate()));
    answer(request, observer, answer.build());
  }

  @Override
  public void createTemplate(
      CreateTemplateRequest request, StreamObserver<CreateTemplateResponse> observer) {
    var answer = CreateTemplateResponse.newBuilder().setTemplate(template(request.getName()));
    answer(request, observer, answer.build());
  }

  @Override
  public void createPlatformTemplate(
      CreatePlatformTemplateRequest request,
      StreamObserver<CreatePlatformTemplateResponse> observer) {
    var template = template(request.getName());
    answer(
        request,
        observer,
        CreatePlatformTemplateResponse.newBuilder().setTemplate(template).build());
  }

  @Override
  public void updateTemplate(
      UpdateTemplateRequest request, StreamObserver<UpdateTemplateResponse> observer) {
    var answer = UpdateTemplateResponse.newBuilder().setTemplate(template("shop"));
    answer(request, observer, answer.build());
  }

  @Override
  public void deleteTemplate(
      DeleteTemplateRequest request, StreamObserver<DeleteTemplateResponse> observer) {
    answer(request, observer, DeleteTemplateResponse.getDefaultInstance());
  }

  @Override
  public void deletePlatformTemplate(
      DeletePlatformTemplateRequest request,
      StreamObserver<DeletePlatformTemplateResponse> observer) {
    answer(request, observer, DeletePlatformTemplateResponse.getDefaultInstance());
  }

  @Override
  public void deployTemplate(
      DeployTemplateRequest request, StreamObserver<DeployTemplateResponse> observer) {
    var answer = DeployTemplateResponse.newBuilder().addSecrets("blog.PASSWORD");
    answer.addWarnings("The service blog-db cannot be updated without interruption");
    for (String name : List.of("blog", "blog-db")) {
      answer
          .addServicesBuilder()
          .setId("id-" + name)
          .setName(name)
          .getStatusBuilder()
          .setReplicasWanted(1)
          .setState(ServiceState.SERVICE_STATE_DEPLOYING);
    }
    answer(request, observer, answer.build());
  }

  @Override
  public void planTemplate(
      PlanTemplateRequest request, StreamObserver<PlanTemplateResponse> observer) {
    var answer = PlanTemplateResponse.newBuilder().addSecrets("blog.PASSWORD");
    var service = answer.addServicesBuilder().setName("blog");
    service.getSpecBuilder().setImage("shop:1");
    service.getForecastBuilder().addPlacementsBuilder().setWorkerName("w1").setReplicasAfter(1);
    answer(request, observer, answer.build());
  }
}
