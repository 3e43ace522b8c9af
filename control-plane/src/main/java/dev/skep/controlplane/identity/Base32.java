package dev.skep.controlplane.identity;

/** RFC 4648 without padding: what apps for codes want, and what people can type. */
final class Base32 {
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int BITS = 5;

  private Base32() {}

  static String of(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    int buffer = 0;
    int bits = 0;
    for (byte one : bytes) {
      buffer = (buffer << Byte.SIZE) | (one & 0xff);
      bits += Byte.SIZE;
      while (bits >= BITS) {
        bits -= BITS;
        text.append(LETTERS.charAt((buffer >> bits) & 0x1f));
      }
    }
    if (bits > 0) {
      text.append(LETTERS.charAt((buffer << (BITS - bits)) & 0x1f));
    }
    return text.toString();
  }
}
