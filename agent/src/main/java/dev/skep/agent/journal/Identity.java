package dev.skep.agent.journal;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.EnrollResponse;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Who this worker is.
 *
 * @param key belongs to {@code certificate}
 * @param authorities may speak for the control plane
 * @param endpoints host:port of every control plane
 */
public record Identity(
    String workerId,
    PrivateKey key,
    X509Certificate certificate,
    List<X509Certificate> authorities,
    List<String> endpoints) {

  /** The same with another list of control planes. */
  public Identity withEndpoints(List<String> now) {
    return new Identity(workerId, key, certificate, authorities, List.copyOf(now));
  }

  EnrollResponse toMessage() {
    return EnrollResponse.newBuilder()
        .setWorkerId(workerId)
        .setCertificate(ByteString.copyFrom(Keys.der(certificate)))
        .addAllAuthorities(authorities.stream().map(a -> ByteString.copyFrom(Keys.der(a))).toList())
        .addAllEndpoints(endpoints)
        .build();
  }

  @Override
  public String toString() {
    return "Identity[" + workerId + "]";
  }
}
