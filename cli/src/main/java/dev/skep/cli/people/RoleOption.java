package dev.skep.cli.people;

import dev.skep.cli.outcome.CliException;
import dev.skep.v1.Role;
import picocli.CommandLine.Option;

/** Which role an account gets, by the names that users know. */
final class RoleOption {
  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "viewer, deployer, operator, admin, billing or member.")
  String name = "";

  Role role() {
    return switch (name) {
      case "viewer" -> Role.ROLE_VIEWER;
      case "deployer" -> Role.ROLE_DEPLOYER;
      case "operator" -> Role.ROLE_OPERATOR;
      case "admin" -> Role.ROLE_ADMIN;
      case "billing" -> Role.ROLE_BILLING;
      case "member" -> Role.ROLE_MEMBER;
      default ->
          throw CliException.usage(
              "'" + name + "' is not a role",
              "roles are viewer, deployer, operator, admin, billing and member");
    };
  }
}
