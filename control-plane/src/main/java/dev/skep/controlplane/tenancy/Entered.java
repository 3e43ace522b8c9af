package dev.skep.controlplane.tenancy;

/** Somebody who accepted an invitation in a browser, which is signed in now. */
public record Entered(String userName, String organizationName, String sessionToken) {
  @Override
  public String toString() {
    return "Entered[" + userName + ", " + organizationName + "]";
  }
}
