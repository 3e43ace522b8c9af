package dev.skep.cli.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.cli.outcome.CliException;
import dev.skep.v1.Exposure;
import dev.skep.v1.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortsTest {
  @Test
  void plainPortIsInternalTcp() {
    var port = Ports.parse("8080");

    assertThat(port.getContainerPort()).isEqualTo(8080);
    assertThat(port.getExposure()).isEqualTo(Exposure.EXPOSURE_INTERNAL);
    assertThat(port.getProtocol()).isEqualTo(Protocol.PROTOCOL_TCP);
    assertThat(port.getHostPort()).isZero();
  }

  @Test
  void hostPortIsExposedOnTheWorker() {
    var port = Ports.parse("53:host=5353/udp");

    assertThat(port.getContainerPort()).isEqualTo(53);
    assertThat(port.getExposure()).isEqualTo(Exposure.EXPOSURE_HOST);
    assertThat(port.getHostPort()).isEqualTo(5353);
    assertThat(port.getProtocol()).isEqualTo(Protocol.PROTOCOL_UDP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "http", "0", "65536", "8080:9090", "80:host=", "80/sctp", "-1", "80 81"})
  void anythingElseIsRefusedWithTheTextInTheMessage(String text) {
    assertThatThrownBy(() -> Ports.parse(text))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
