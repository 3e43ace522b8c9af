package dev.skep.client;

import java.io.Serial;

/** An address to which nothing is sent. */
public final class InvalidAddress extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1;

  private final String advice;

  InvalidAddress(String message, String advice) {
    super(message);
    this.advice = advice;
  }

  /** What would be right. */
  public String advice() {
    return advice;
  }
}
