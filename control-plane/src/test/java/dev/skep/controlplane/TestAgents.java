package dev.skep.controlplane;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.EnrollRequest;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.EnrollmentServiceGrpc;
import dev.skep.agent.v1.Facts;
import dev.skep.v1.CreateJoinTokenRequest;
import dev.skep.v1.WorkersServiceGrpc;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** What a machine does to become a worker. */
record TestAgents(TestControlPlane skep) {
  String token() {
    return WorkersServiceGrpc.newBlockingStub(skep.people())
        .createJoinToken(CreateJoinTokenRequest.getDefaultInstance())
        .getToken();
  }

  EnrollResponse enroll(String token, KeyPair key, String name) throws Exception {
    return EnrollmentServiceGrpc.newBlockingStub(skep.strangers())
        .enroll(request(token, key, name));
  }

  static EnrollRequest request(String token, KeyPair key, String name) throws Exception {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key.getPrivate());
    signature.update(token.getBytes(StandardCharsets.UTF_8));
    return EnrollRequest.newBuilder()
        .setJoinToken(token)
        .setPublicKey(ByteString.copyFrom(key.getPublic().getEncoded()))
        .setProof(ByteString.copyFrom(signature.sign()))
        .setName(name)
        .setFacts(Facts.newBuilder().setCpuMillis(1_000).setMemoryBytes(1 << 30))
        .build();
  }

  static io.grpc.ChannelCredentials identity(KeyPair key, EnrollResponse enrolled)
      throws Exception {
    return TlsChannelCredentials.newBuilder()
        .trustManager(pem("CERTIFICATE", enrolled.getAuthorities(0).toByteArray()))
        .keyManager(
            pem("CERTIFICATE", enrolled.getCertificate().toByteArray()),
            pem("PRIVATE KEY", key.getPrivate().getEncoded()))
        .build();
  }

  static InputStream pem(String type, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String text = "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  static KeyPair keys() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }
}
