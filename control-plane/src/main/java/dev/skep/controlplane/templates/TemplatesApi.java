package dev.skep.controlplane.templates;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Page;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.templates.TemplatesService.Owner;
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
import dev.skep.v1.GetTemplateRequest;
import dev.skep.v1.GetTemplateResponse;
import dev.skep.v1.ListTemplatesRequest;
import dev.skep.v1.ListTemplatesResponse;
import dev.skep.v1.PlanTemplateRequest;
import dev.skep.v1.PlanTemplateResponse;
import dev.skep.v1.TemplateOwner;
import dev.skep.v1.TemplatesServiceGrpc;
import dev.skep.v1.UpdatePlatformTemplateRequest;
import dev.skep.v1.UpdatePlatformTemplateResponse;
import dev.skep.v1.UpdateTemplateRequest;
import dev.skep.v1.UpdateTemplateResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The templates API. */
final class TemplatesApi extends TemplatesServiceGrpc.TemplatesServiceImplBase {
  private static final String OWNER = "TEMPLATE_OWNER_";

  private final TemplatesService templates;
  private final TemplateDeployments deployments;
  private final TemplatePlans plans;

  TemplatesApi(TemplatesService templates, TemplateDeployments deployments, TemplatePlans plans) {
    this.templates = templates;
    this.deployments = deployments;
    this.plans = plans;
  }

  @Override
  public void createTemplate(
      CreateTemplateRequest request, StreamObserver<CreateTemplateResponse> response) {
    Calls.answer(
        response,
        () ->
            CreateTemplateResponse.newBuilder()
                .setTemplate(templates.create(mine(), request.getName(), request.getSpec()).proto())
                .build());
  }

  @Override
  public void getTemplate(
      GetTemplateRequest request, StreamObserver<GetTemplateResponse> response) {
    Calls.answer(
        response,
        () ->
            GetTemplateResponse.newBuilder()
                .setTemplate(templates.get(organization(), request.getTemplate()).proto())
                .build());
  }

  @Override
  public void listTemplates(
      ListTemplatesRequest request, StreamObserver<ListTemplatesResponse> response) {
    Calls.answer(
        response,
        () -> {
          int size = Paging.size(request.getPageSize());
          List<TemplateRecord> rows =
              templates.list(
                  organization(), filter(request), Paging.after(request.getPageToken()), size + 1);
          Page<TemplateRecord> page = Paging.page(rows, size, TemplateRecord::name);
          return ListTemplatesResponse.newBuilder()
              .addAllTemplates(page.items().stream().map(TemplateRecord::proto).toList())
              .setNextPageToken(page.nextToken())
              .build();
        });
  }

  private static TemplateStore.Filter filter(ListTemplatesRequest request) {
    String owner =
        switch (request.getOwner()) {
          case TEMPLATE_OWNER_UNSPECIFIED -> "";
          case TEMPLATE_OWNER_ORGANIZATION, TEMPLATE_OWNER_PLATFORM, TEMPLATE_OWNER_BUILT_IN ->
              request.getOwner().name().substring(OWNER.length());
          case UNRECOGNIZED ->
              throw Refusal.ofField(
                  Reason.INVALID_FIELD,
                  "owner",
                  "is unknown; use "
                      + TemplateOwner.TEMPLATE_OWNER_ORGANIZATION
                      + ", "
                      + TemplateOwner.TEMPLATE_OWNER_PLATFORM
                      + " or "
                      + TemplateOwner.TEMPLATE_OWNER_BUILT_IN);
        };
    return new TemplateStore.Filter(
        request.getNamePrefix(), request.getTag(), request.getSearch(), owner);
  }

  @Override
  public void updateTemplate(
      UpdateTemplateRequest request, StreamObserver<UpdateTemplateResponse> response) {
    Calls.answer(
        response,
        () ->
            UpdateTemplateResponse.newBuilder()
                .setTemplate(templates.update(mine(), TemplateUpdate.of(request)).proto())
                .build());
  }

  @Override
  public void deleteTemplate(
      DeleteTemplateRequest request, StreamObserver<DeleteTemplateResponse> response) {
    Calls.answer(
        response,
        () -> {
          templates.delete(mine(), request.getTemplate());
          return DeleteTemplateResponse.getDefaultInstance();
        });
  }

  @Override
  public void deployTemplate(
      DeployTemplateRequest request, StreamObserver<DeployTemplateResponse> response) {
    Calls.answer(
        response,
        () ->
            deployments.deploy(
                Calls.caller(), templates.get(organization(), request.getTemplate()), request));
  }

  @Override
  public void planTemplate(
      PlanTemplateRequest request, StreamObserver<PlanTemplateResponse> response) {
    Calls.answer(
        response,
        () ->
            plans.plan(
                organization(), templates.get(organization(), request.getTemplate()), request));
  }

  @Override
  public void createPlatformTemplate(
      CreatePlatformTemplateRequest request,
      StreamObserver<CreatePlatformTemplateResponse> response) {
    Calls.answer(
        response,
        () ->
            CreatePlatformTemplateResponse.newBuilder()
                .setTemplate(
                    templates.create(Owner.PLATFORM, request.getName(), request.getSpec()).proto())
                .build());
  }

  @Override
  public void updatePlatformTemplate(
      UpdatePlatformTemplateRequest request,
      StreamObserver<UpdatePlatformTemplateResponse> response) {
    Calls.answer(
        response,
        () ->
            UpdatePlatformTemplateResponse.newBuilder()
                .setTemplate(templates.update(Owner.PLATFORM, TemplateUpdate.of(request)).proto())
                .build());
  }

  @Override
  public void deletePlatformTemplate(
      DeletePlatformTemplateRequest request,
      StreamObserver<DeletePlatformTemplateResponse> response) {
    Calls.answer(
        response,
        () -> {
          templates.delete(Owner.PLATFORM, request.getTemplate());
          return DeletePlatformTemplateResponse.getDefaultInstance();
        });
  }

  private static Owner mine() {
    return Owner.of(organization());
  }

  private static OrganizationId organization() {
    return Calls.caller().organization();
  }
}
