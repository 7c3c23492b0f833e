package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/** What doctor says of the port that a server is to have. */
class PortCheckTest {
    @Test
    void aFreePortIsGood() throws IOException {
        int port = FreePort.find();
        assertThat(new PortCheck(any -> false).run(port, true)).isEqualTo(Check.ok("port " + port, "free"));
    }

    @Test
    void aPortThatAnotherHasFailsWhenItWasNamed() throws IOException {
        try (ServerSocket socket = listen()) {
            int port = socket.getLocalPort();
            Check named = new PortCheck(any -> false).run(port, true);
            assertThat(named.status()).isEqualTo(Check.Status.FAIL);
            assertThat(named.detail()).contains("not free, and no Ternion answers");
            assertThat(named.advice()).contains("--port N");
            assertThat(new PortCheck(any -> false).run(port, false).status()).isEqualTo(Check.Status.WARN);
        }
    }

    @Test
    void aPortWhereATernionAnswersIsGood() throws IOException {
        try (ServerSocket socket = listen()) {
            int port = socket.getLocalPort();
            assertThat(new PortCheck(asked -> asked == port).run(port, true))
                    .isEqualTo(Check.ok("port " + port, "a Ternion answers there"));
        }
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }
}
