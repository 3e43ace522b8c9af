package dev.skep.agent.link;

import dev.skep.agent.journal.Keys;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for tests. */
final class TestAuthority {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final KeyPair keys = Keys.generate();
  private final X500Principal name = new X500Principal("CN=test authority");
  final X509Certificate certificate;

  TestAuthority() throws Exception {
    this.certificate = issue(name, keys.getPublic(), Duration.ofDays(1), null);
  }

  X509Certificate server(PublicKey key, String dnsName) throws Exception {
    return issue(
        new X500Principal("CN=server"),
        key,
        Duration.ofDays(1),
        new GeneralName(GeneralName.dNSName, dnsName));
  }

  X509Certificate worker(PublicKey key, String id, Duration life) throws Exception {
    return issue(
        new X500Principal("CN=worker"),
        key,
        life,
        new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://skep/worker/" + id));
  }

  private X509Certificate issue(
      X500Principal subject,
      PublicKey key,
      Duration life,
      @org.jspecify.annotations.Nullable GeneralName alternative)
      throws Exception {
    var now = Instant.now();
    var builder =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.valueOf(SERIAL.getAndIncrement()),
            Date.from(now.minusSeconds(1)),
            Date.from(now.plus(life)),
            subject,
            key);
    builder.addExtension(
        Extension.basicConstraints, true, new BasicConstraints(alternative == null));
    if (alternative != null) {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternative));
    }
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
  }
}
