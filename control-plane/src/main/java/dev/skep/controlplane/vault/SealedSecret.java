package dev.skep.controlplane.vault;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A value as the database has it.
 *
 * @param ciphertext the value under a key of its own
 * @param wrappedKey that key under the master key
 * @param keyId which of the master keys
 */
@SuppressWarnings("ArrayRecordComponent")
public record SealedSecret(byte[] ciphertext, byte[] wrappedKey, String keyId) {
  public static SealedSecret of(ResultSet row) throws SQLException {
    return new SealedSecret(
        row.getBytes("ciphertext"), row.getBytes("wrapped_key"), row.getString("key_id"));
  }
}
