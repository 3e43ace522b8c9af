package dev.skep.agent.task;

import java.security.MessageDigest;
import java.util.Arrays;

/** The content of a secret file. Nothing prints it by accident. */
public final class SecretBytes {
  private final byte[] bytes;

  private SecretBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  public static SecretBytes of(byte[] bytes) {
    return new SecretBytes(bytes.clone());
  }

  public byte[] get() {
    return bytes.clone();
  }

  public int size() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SecretBytes b && MessageDigest.isEqual(bytes, b.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "(a secret)";
  }
}
