package dev.skep.controlplane.workers;

/**
 * The line that a user pastes on a new machine. The download is pinned to our TLS key and the token
 * goes through standard input, so it never shows in a process list.
 *
 * @param clientUrl public URL of the people's port
 * @param tlsPin base64 SHA-256 of the server's public key, as curl wants it
 */
public record InstallCommand(String clientUrl, String tlsPin) {
  String line(String token) {
    return "echo "
        + token
        + " | sudo sh -c \"$(curl -fsSk --pinnedpubkey sha256//"
        + tlsPin
        + " "
        + clientUrl
        + "/install/worker.sh)\" worker.sh --token-stdin";
  }
}
