package dev.skep.controlplane.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash of an entry: SHA-256 over the hash before, its place, and every field with its length in
 * front, so that no two entries have the same bytes.
 */
final class AuditChain {
  private AuditChain() {}

  static byte[] hash(byte[] before, long sequence, AuditEntry entry) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(before.length);
      out.write(before);
      out.writeLong(sequence);
      out.writeUTF(entry.at().toString());
      AuditEntry.Call call = entry.call();
      for (String field :
          new String[] {
            entry.id().toString(),
            entry.organization().toString(),
            entry.user().toString(),
            entry.userName(),
            entry.tokenName(),
            call.address(),
            call.requestId(),
            call.action(),
            call.resource(),
            call.request(),
            call.before(),
            entry.outcome(),
            entry.message()
          }) {
        byte[] text = field.getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length);
        out.write(text);
      }
      return MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
