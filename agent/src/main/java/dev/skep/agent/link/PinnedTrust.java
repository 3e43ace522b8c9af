package dev.skep.agent.link;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a chain that leads to the one authority whose key has the pinned digest. The server sends
 * that authority along; it is checked against the token before anything else is sent.
 */
final class PinnedTrust extends X509ExtendedTrustManager {
  private final String pin;

  PinnedTrust(String pin) {
    this.pin = pin;
  }

  /** The other side is not who the token speaks of. */
  static final class WrongAuthority extends CertificateException {
    private static final long serialVersionUID = 1;

    WrongAuthority() {
      super("no certificate of the server has the key that the join token names");
    }
  }

  /** Hex SHA-256 of the SubjectPublicKeyInfo. */
  static String digest(X509Certificate certificate) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(certificate.getPublicKey().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The JDK's own path validation with these anchors and no others. */
  static X509ExtendedTrustManager anchoredAt(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    var anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      anchors.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    var factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(anchors);
    return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
  }

  private X509ExtendedTrustManager pinned(X509Certificate[] chain) throws CertificateException {
    var anchor =
        Arrays.stream(chain)
            .filter(c -> digest(c).equals(pin))
            .findFirst()
            .orElseThrow(WrongAuthority::new);
    try {
      return anchoredAt(List.of(anchor));
    } catch (GeneralSecurityException | IOException e) {
      throw new CertificateException("cannot check the server's certificate", e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    pinned(chain).checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    pinned(chain).checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    pinned(chain).checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("an agent serves nobody");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("an agent serves nobody");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("an agent serves nobody");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
