package dev.skep.agent.journal;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.EnrollResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Key and certificate in one file, so that they always belong together. The key that enrolment uses
 * is kept in a file of its own until then: asked again with the same key, the control plane gives
 * the same worker.
 */
public final class IdentityFile {
  private final DurableFile identity;
  private final DurableFile enrolmentKey;

  public IdentityFile(Path dataDir) {
    this.identity = new DurableFile(dataDir.resolve("identity"));
    this.enrolmentKey = new DurableFile(dataDir.resolve("enrolment-key"));
  }

  /** Empty before enrolment. */
  public Optional<Identity> read() {
    return identity.read().map(IdentityFile::parse);
  }

  public void write(Identity now) {
    identity.write(join(now.key().getEncoded(), now.toMessage().toByteArray()));
  }

  /** The key to enrol with: the same one however often this is asked. */
  public KeyPair enrolmentKey() {
    return enrolmentKey
        .read()
        .map(IdentityFile::parseKey)
        .orElseGet(
            () -> {
              var pair = Keys.generate();
              enrolmentKey.write(
                  join(pair.getPrivate().getEncoded(), pair.getPublic().getEncoded()));
              return pair;
            });
  }

  /** Puts together what the control plane answered. */
  public static Identity identity(java.security.PrivateKey key, EnrollResponse answer)
      throws CertificateException {
    return new Identity(
        answer.getWorkerId(),
        key,
        Keys.certificate(answer.getCertificate()),
        authorities(answer.getAuthoritiesList()),
        List.copyOf(answer.getEndpointsList()));
  }

  /** Authorities as certificates. */
  public static List<X509Certificate> authorities(List<ByteString> der)
      throws CertificateException {
    var all = new ArrayList<X509Certificate>();
    for (var one : der) {
      all.add(Keys.certificate(one));
    }
    return List.copyOf(all);
  }

  private static Identity parse(byte[] bytes) {
    try {
      var parts = split(bytes);
      return identity(
          Keys.privateKey(parts.first().toByteArray()), EnrollResponse.parseFrom(parts.second()));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("the identity passed its checksum but cannot be read", e);
    }
  }

  private static KeyPair parseKey(byte[] bytes) {
    try {
      var parts = split(bytes);
      return new KeyPair(
          Keys.publicKey(parts.second().toByteArray()),
          Keys.privateKey(parts.first().toByteArray()));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("the key passed its checksum but cannot be read", e);
    }
  }

  private record Parts(ByteString first, ByteString second) {}

  private static Parts split(byte[] bytes) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    return new Parts(
        ByteString.copyFrom(in.readNBytes(in.readInt())), ByteString.copyFrom(in.readAllBytes()));
  }

  private static byte[] join(byte[] first, byte[] second) {
    var out = new ByteArrayOutputStream();
    try {
      new DataOutputStream(out).writeInt(first.length);
      out.write(first);
      out.write(second);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
    return out.toByteArray();
  }
}
