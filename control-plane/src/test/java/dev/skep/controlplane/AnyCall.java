package dev.skep.controlplane;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.skep.v1.About;
import dev.skep.v1.AccessProto;
import dev.skep.v1.AccountProto;
import dev.skep.v1.AuditProto;
import dev.skep.v1.BillingProto;
import dev.skep.v1.ClustersProto;
import dev.skep.v1.DeploymentsProto;
import dev.skep.v1.GrantsProto;
import dev.skep.v1.InvitationsProto;
import dev.skep.v1.InvoicesProto;
import dev.skep.v1.LogsProto;
import dev.skep.v1.MembersProto;
import dev.skep.v1.NotificationsProto;
import dev.skep.v1.OrganizationsProto;
import dev.skep.v1.PaymentsProto;
import dev.skep.v1.Permission;
import dev.skep.v1.QuotasProto;
import dev.skep.v1.RegistrationProto;
import dev.skep.v1.SecretsProto;
import dev.skep.v1.ServicesProto;
import dev.skep.v1.SsoProto;
import dev.skep.v1.SystemProto;
import dev.skep.v1.TemplatesProto;
import dev.skep.v1.TokensProto;
import dev.skep.v1.UsersProto;
import dev.skep.v1.VolumesProto;
import dev.skep.v1.WorkersProto;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Every call of the people's port, made without its generated class. */
record AnyCall(MethodDescriptor method) {
  /** A service that is not here is missing in {@link AccessMatrixTest}, which says so. */
  private static final List<FileDescriptor> FILES =
      List.of(
          AccountProto.getDescriptor(),
          AuditProto.getDescriptor(),
          BillingProto.getDescriptor(),
          ClustersProto.getDescriptor(),
          DeploymentsProto.getDescriptor(),
          GrantsProto.getDescriptor(),
          InvitationsProto.getDescriptor(),
          InvoicesProto.getDescriptor(),
          LogsProto.getDescriptor(),
          MembersProto.getDescriptor(),
          NotificationsProto.getDescriptor(),
          OrganizationsProto.getDescriptor(),
          PaymentsProto.getDescriptor(),
          RegistrationProto.getDescriptor(),
          SecretsProto.getDescriptor(),
          QuotasProto.getDescriptor(),
          ServicesProto.getDescriptor(),
          SsoProto.getDescriptor(),
          SystemProto.getDescriptor(),
          TemplatesProto.getDescriptor(),
          TokensProto.getDescriptor(),
          UsersProto.getDescriptor(),
          VolumesProto.getDescriptor(),
          WorkersProto.getDescriptor());

  static List<AnyCall> all() {
    return FILES.stream()
        .flatMap(file -> file.getServices().stream())
        .flatMap(service -> service.getMethods().stream())
        .map(AnyCall::new)
        .toList();
  }

  String name() {
    return method.getName();
  }

  String service() {
    return method.getService().getFullName();
  }

  Permission needs() {
    return method.getOptions().getExtension(AccessProto.permission);
  }

  /** Answers how it ended; of a stream, how it began. */
  Status make(Channel channel, DynamicMessage request) {
    try {
      var options = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
      if (method.isServerStreaming()) {
        ClientCalls.blockingServerStreamingCall(channel, descriptor(), options, request).next();
      } else {
        ClientCalls.blockingUnaryCall(channel, descriptor(), options, request);
      }
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  boolean isAboutOneService() {
    return method.getOptions().getExtension(AccessProto.about) == About.ABOUT_SERVICE;
  }

  /** Empty but for the service that it is about, if it is about one. */
  DynamicMessage about(String service) {
    return isAboutOneService()
        ? empty().toBuilder()
            .setField(method.getInputType().findFieldByName("service"), service)
            .build()
        : empty();
  }

  DynamicMessage empty() {
    return DynamicMessage.getDefaultInstance(method.getInputType());
  }

  /** Every text of the request is this one. */
  DynamicMessage texts(String text) {
    DynamicMessage.Builder request = DynamicMessage.newBuilder(method.getInputType());
    for (FieldDescriptor field : method.getInputType().getFields()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.STRING && !field.isRepeated()) {
        request.setField(field, field.getName().equals("page_token") ? "" : text);
      }
    }
    return request.build();
  }

  private io.grpc.MethodDescriptor<DynamicMessage, DynamicMessage> descriptor() {
    return io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
        .setType(
            method.isServerStreaming()
                ? io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING
                : io.grpc.MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(service() + "/" + method.getName())
        .setRequestMarshaller(ProtoUtils.marshaller(empty()))
        .setResponseMarshaller(
            ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
        .build();
  }
}
