package dev.skep.controlplane.rpc;

import dev.skep.v1.AccessProto;
import dev.skep.v1.Permission;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;

/** What a call needs, as its proto says. */
public final class Needs {
  private Needs() {}

  /** PERMISSION_UNSPECIFIED when the proto does not say, which no call of ours does. */
  public static Permission of(MethodDescriptor<?, ?> method) {
    return method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema
        ? schema.getMethodDescriptor().getOptions().getExtension(AccessProto.permission)
        : Permission.PERMISSION_UNSPECIFIED;
  }
}
