package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections end by themselves. */
class ConnectionLimitsIT {
    private static final int NO_ERROR = 0;

    private static Server server(Duration idle, Duration age) throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new ConnectionLimits(idle, age, Duration.ofMillis(50))
                .apply(NettyServerBuilder.forAddress(any))
                .build()
                .start();
    }

    @Test
    void withoutACall() throws Exception {
        assertEnds(server(Duration.ofMillis(50), Duration.ofHours(1)));
    }

    @Test
    void ofAge() throws Exception {
        assertEnds(server(Duration.ofHours(1), Duration.ofMillis(50)));
    }

    private static void assertEnds(Server server) throws Exception {
        try (RawConnection connection = new RawConnection(server.getPort())) {
            assertThat(connection.open().awaitEnd()).isEqualTo(NO_ERROR);
        } finally {
            server.shutdownNow().awaitTermination();
        }
    }
}
