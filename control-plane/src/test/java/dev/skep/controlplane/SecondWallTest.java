package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.rpc.Caller;
import dev.skep.v1.Role;
import io.grpc.Channel;
import io.grpc.Status;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call that is about one organization gives up the rights of the platform. */
final class SecondWallTest {
  @Test
  void noCallOfAnOrganizationWorksWithoutTheRightsOfItsRole(@TempDir Path directory)
      throws SQLException {
    try (var skep = new TestControlPlane(directory)) {
      Channel admin = new TestTenant(skep, "acme").as(Role.ROLE_ADMIN);
      assertThat(
              AnyCall.all().stream()
                  .filter(call -> call.name().equals("ListServices"))
                  .map(call -> call.make(admin, call.empty()).getCode()))
          .containsExactly(Status.Code.OK);

      takeAllRights(skep);

      for (AnyCall call : AnyCall.all()) {
        if (Caller.ofOneOrganization(call.needs())) {
          assertThat(call.make(admin, call.texts("nowhere")).getCode())
              .as(call.name())
              .isNotIn(Status.Code.OK, Status.Code.NOT_FOUND);
        }
      }
    }
  }

  private static void takeAllRights(TestControlPlane skep) throws SQLException {
    var url = skep.database();
    try (var connection = DriverManager.getConnection(url.jdbcUrl(), url.properties());
        var statement = connection.createStatement()) {
      statement.execute("revoke all on all tables in schema public from skep_tenant");
    }
  }
}
