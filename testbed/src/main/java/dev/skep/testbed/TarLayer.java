package dev.skep.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An image layer: an uncompressed tar archive, so its digest depends on nothing but what was added.
 * All is owned by root and dated 1970.
 */
public final class TarLayer {

  private static final int BLOCK = 512;
  private static final int NAME_LIMIT = 100;

  private final byte[] bytes;
  private final String digest;

  private TarLayer(byte[] bytes) {
    this.bytes = bytes;
    this.digest = digestOf(bytes);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** {@code sha256:…} of the archive. */
  public String digest() {
    return digest;
  }

  byte[] bytes() {
    return bytes;
  }

  static String digestOf(byte[] content) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(content);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Collects the entries in the order they are added; names are relative to the root. */
  public static final class Builder {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Builder() {}

    public Builder directory(String name, int mode) {
      return entry(header(name + "/", mode, '5', ""), new byte[0]);
    }

    public Builder file(String name, int mode, byte[] content) {
      return entry(header(name, mode, '0', ""), content);
    }

    public Builder script(String name, String content) {
      return file(name, 0755, content.getBytes(UTF_8));
    }

    public Builder link(String name, String target) {
      return entry(header(name, 0777, '2', target), new byte[0]);
    }

    public TarLayer build() {
      var end = new byte[2 * BLOCK];
      var archive = Arrays.copyOf(out.toByteArray(), out.size() + end.length);
      return new TarLayer(archive);
    }

    private Builder entry(byte[] header, byte[] content) {
      put(header, 124, "%011o".formatted(content.length));
      // The checksum is taken with its own field blank.
      put(header, 148, "        ");
      var sum = 0;
      for (var octet : header) {
        sum += octet & 0xff;
      }
      put(header, 148, "%06o\0".formatted(sum));
      out.writeBytes(header);
      out.writeBytes(content);
      out.writeBytes(new byte[Math.floorMod(-content.length, BLOCK)]);
      return this;
    }

    /** The format is POSIX ustar. */
    private static byte[] header(String name, int mode, char type, String target) {
      if (name.length() > NAME_LIMIT || target.length() > NAME_LIMIT) {
        throw new IllegalArgumentException("too long for a tar header: " + name + " " + target);
      }
      var header = new byte[BLOCK];
      put(header, 0, name);
      put(header, 100, "%07o".formatted(mode));
      put(header, 108, "0000000");
      put(header, 116, "0000000");
      put(header, 136, "00000000000");
      header[156] = (byte) type;
      put(header, 157, target);
      put(header, 257, "ustar\00000");
      return header;
    }

    private static void put(byte[] header, int offset, String text) {
      var octets = text.getBytes(UTF_8);
      System.arraycopy(octets, 0, header, offset, octets.length);
    }
  }
}
