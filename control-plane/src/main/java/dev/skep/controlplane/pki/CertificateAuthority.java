package dev.skep.controlplane.pki;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.WorkerId;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Signs the certificates of control planes and workers. Its own key is made at the first start and
 * sealed in the database, so that every control plane has the same one.
 */
public final class CertificateAuthority {
  /** The name that every control plane proves to agents, whatever address they dial. */
  public static final String SERVER_NAME = "control-plane.skep.internal";

  public static final String WORKER_URI = "spiffe://skep/worker/";
  public static final Duration WORKER_VALIDITY = Duration.ofHours(24);

  private static final Duration CA_VALIDITY = Duration.ofDays(3650);
  private static final Duration SERVER_VALIDITY = Duration.ofDays(365);
  private static final String CA_NAME = "agent-ca";
  private static final String SERVER_KEY_NAME = "server-key";

  private final X509Certificate root;
  private final KeyPair serverKey;
  private final CertificateIssuer issuer;

  private CertificateAuthority(
      X509Certificate root, PrivateKey key, KeyPair serverKey, InstantSource clock) {
    this.root = root;
    this.serverKey = serverKey;
    this.issuer = new CertificateIssuer(root, key, clock);
  }

  /** Loads the authority, or makes it when the database has none. */
  public static CertificateAuthority open(
      Database database, MasterKey masterKey, InstantSource clock) {
    return database.inTransaction(
        handle -> {
          handle.execute("lock table sealed_values in share row exclusive mode");
          Stored ca =
              load(handle, masterKey, CA_NAME).orElseGet(() -> createCa(handle, masterKey, clock));
          Stored server =
              load(handle, masterKey, SERVER_KEY_NAME)
                  .orElseGet(() -> createServerKey(handle, masterKey));
          return new CertificateAuthority(
              Keys.certificate(ca.publicPart),
              Keys.privateKey(ca.secret),
              new KeyPair(Keys.publicKey(server.publicPart), Keys.privateKey(server.secret)),
              clock);
        });
  }

  public X509Certificate root() {
    return root;
  }

  /** Hex SHA-256 of the root's SubjectPublicKeyInfo: what join tokens pin. */
  public String pin() {
    return HexFormat.of().formatHex(Digests.sha256(root.getPublicKey().getEncoded()));
  }

  public PrivateKey serverKey() {
    return serverKey.getPrivate();
  }

  public PublicKey serverPublicKey() {
    return serverKey.getPublic();
  }

  /**
   * The control plane's chain, leaf first; {@code hosts} are names and addresses it is known by.
   */
  public List<X509Certificate> serverChain(List<String> hosts) {
    return List.of(issuer.server(serverKey.getPublic(), SERVER_NAME, hosts, SERVER_VALIDITY), root);
  }

  /** A certificate that proves to be this worker. */
  public X509Certificate issueWorker(WorkerId worker, PublicKey key) {
    return issuer.worker(key, WORKER_URI + worker, WORKER_VALIDITY);
  }

  /** Where its keys are. */
  public static SealedColumn sealed() {
    return new SealedColumn("sealed_values", "name", "ciphertext", name -> name);
  }

  private record Stored(byte[] secret, byte[] publicPart) {}

  private static Optional<Stored> load(Handle handle, MasterKey masterKey, String name) {
    return handle
        .createQuery("select ciphertext, public_part from sealed_values where name = :name")
        .bind("name", name)
        .map(
            (row, c) ->
                new Stored(
                    masterKey.open(row.getBytes("ciphertext"), name), row.getBytes("public_part")))
        .findOne();
  }

  private static Stored createCa(Handle handle, MasterKey masterKey, InstantSource clock) {
    KeyPair key = Keys.newPair();
    Instant now = clock.instant();
    X509Certificate root =
        CertificateIssuer.selfSigned(key, "Skep agent CA", now, now.plus(CA_VALIDITY));
    return store(
        handle, masterKey, CA_NAME, new Stored(key.getPrivate().getEncoded(), Keys.encoded(root)));
  }

  private static Stored createServerKey(Handle handle, MasterKey masterKey) {
    KeyPair key = Keys.newPair();
    return store(
        handle,
        masterKey,
        SERVER_KEY_NAME,
        new Stored(key.getPrivate().getEncoded(), key.getPublic().getEncoded()));
  }

  private static Stored store(Handle handle, MasterKey masterKey, String name, Stored stored) {
    handle
        .createUpdate(
            "insert into sealed_values (name, ciphertext, public_part) values (:name, :secret, :public)")
        .bind("name", name)
        .bind("secret", masterKey.seal(stored.secret, name))
        .bind("public", stored.publicPart)
        .execute();
    return stored;
  }
}
