package dev.ternion.server;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What one connection may do, whoever made it.
 *
 * @param idle without a call for this long, also before the first one, it is closed
 * @param age after this long, and a random tenth of it, it takes no new calls, so that clients spread anew
 * @param grace time that its calls then have left
 */
record ConnectionLimits(Duration idle, Duration age, Duration grace) {
    /** Calls that a client may cancel within {@link #RST_SECONDS}. */
    private static final int RST_FRAMES = 200;

    private static final int RST_SECONDS = 30;
    private static final int MAX_HEADER_BYTES = 8 << 10;
    private static final int WINDOW_BYTES = 1 << 20;

    /** 15 minutes without a call, 30 minutes of age; calls that are under way have what any stream has. */
    static ConnectionLimits usual(Duration streamDeadline) {
        return new ConnectionLimits(Duration.ofMinutes(15), Duration.ofMinutes(30), streamDeadline);
    }

    NettyServerBuilder apply(NettyServerBuilder builder) {
        return builder.maxInboundMessageSize(ServerSettings.MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_HEADER_BYTES)
                .initialFlowControlWindow(WINDOW_BYTES)
                .maxConcurrentCallsPerConnection(ServerSettings.MAX_CALLS_PER_CONNECTION)
                .maxRstFramesPerWindow(RST_FRAMES, RST_SECONDS)
                .permitKeepAliveTime(30, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(60, TimeUnit.SECONDS)
                .keepAliveTimeout(20, TimeUnit.SECONDS)
                .maxConnectionIdle(idle.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAge(age.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAgeGrace(grace.toMillis(), TimeUnit.MILLISECONDS);
    }
}
