package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTest {
  private static final String PASSWORD = "changeit";

  @TempDir Path directory = Path.of("");

  private Map<String, String> home() {
    return Map.of("XDG_CONFIG_HOME", directory.toString());
  }

  @Test
  void loginRemembersWhatItChecked() throws IOException {
    try (var controlPlane = FakeControlPlane.start()) {
      var url = "http://127.0.0.1:" + controlPlane.port();

      var login =
          Invocation.run(
              home(),
              "skp_x\n",
              false,
              "login",
              "--server",
              url,
              "--token-stdin",
              "--context",
              "dev");
      var version = Invocation.run(home(), "version");

      assertThat(login.code()).as(login.err()).isZero();
      assertThat(login.out()).contains("admin of acme", "'dev'").doesNotContain("skp_x");
      assertThat(version.out()).contains("control plane 1.2.3");
      assertThat(controlPlane.authorizations).containsOnly("Bearer skp_x");
      assertThat(Invocation.run(home(), "context", "ls").out()).contains("dev", url);
    }
  }

  @Test
  void contextsAreAddedUsedAndRemoved() {
    var server = "https://skep.example.com:7080";
    Invocation.run(
        home(), "t1\n", false, "context", "add", "a", "--server", server, "--token-stdin");
    Invocation.run(
        home(), "t2\n", false, "context", "add", "b", "--server", server, "--token-stdin");
    assertThat(Invocation.run(home(), "context", "use", "b").code()).isZero();
    assertThat(Invocation.run(home(), "context", "ls").out()).containsPattern("\\*\\s+b");
    assertThat(Invocation.run(home(), "context", "rm", "b", "--yes").code()).isZero();
    assertThat(Invocation.run(home(), "context", "use", "b").code()).isEqualTo(2);
  }

  @Test
  void ownAuthorityIsTrustedUnderTheInternalName() throws Exception {
    var keyStore = selfSigned("dns:control-plane.skep.internal");
    var ca = directory.resolve("ca.pem");
    Files.writeString(ca, pem(keyStore));
    var credentials = TlsServerCredentials.newBuilder().keyManager(keyManagers(keyStore)).build();
    try (var controlPlane = FakeControlPlane.start(credentials)) {
      var url = "https://127.0.0.1:" + controlPlane.port();

      var trusted = Invocation.run(home(), "version", "--server", url, "--ca", ca.toString());
      var unknown = Invocation.run(home(), "version", "--server", url);

      assertThat(trusted.code()).as(trusted.err()).isZero();
      assertThat(unknown.code()).isEqualTo(5);
      assertThat(unknown.err()).contains("--ca");
    }
  }

  @Test
  void certificateOfAnotherNameIsRefused() throws Exception {
    var keyStore = selfSigned("dns:somebody.else");
    var ca = directory.resolve("ca.pem");
    Files.writeString(ca, pem(keyStore));
    var credentials = TlsServerCredentials.newBuilder().keyManager(keyManagers(keyStore)).build();
    try (var controlPlane = FakeControlPlane.start(credentials)) {
      var url = "https://127.0.0.1:" + controlPlane.port();

      assertThat(Invocation.run(home(), "version", "--server", url, "--ca", ca.toString()).code())
          .isEqualTo(5);
    }
  }

  @Test
  void completionKnowsEveryVerb() {
    for (var shell : new String[] {"bash", "zsh", "fish"}) {
      var script = Invocation.run(home(), "completion", shell);

      assertThat(script.code()).as(script.err()).isZero();
      assertThat(script.out()).contains("services", "scale", "token", "health-http");
    }
  }

  private KeyStore selfSigned(String name) throws Exception {
    var file = directory.resolve(name.replace(':', '-') + ".p12");
    var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var process =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "k",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "san=" + name,
                "-validity",
                "2",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD,
                "-storetype",
                "PKCS12")
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    var keyStore = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keyStore.load(in, PASSWORD.toCharArray());
    }
    return keyStore;
  }

  private static KeyManager[] keyManagers(KeyStore keyStore) throws GeneralSecurityException {
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keyStore, PASSWORD.toCharArray());
    return factory.getKeyManagers();
  }

  private static String pem(KeyStore keyStore) throws GeneralSecurityException {
    var encoded = Base64.getMimeEncoder(64, new byte[] {'\n'});
    return "-----BEGIN CERTIFICATE-----\n"
        + encoded.encodeToString(keyStore.getCertificate("k").getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }
}
