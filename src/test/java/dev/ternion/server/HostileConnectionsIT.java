package dev.ternion.server;

import static dev.ternion.server.RawConnection.CONTINUATION;
import static dev.ternion.server.RawConnection.DATA;
import static dev.ternion.server.RawConnection.END_HEADERS;
import static dev.ternion.server.RawConnection.END_STREAM;
import static dev.ternion.server.RawConnection.HEADERS;
import static dev.ternion.server.RawConnection.PING;
import static dev.ternion.server.RawConnection.RST_STREAM;
import static dev.ternion.server.RawConnection.SETTINGS;
import static dev.ternion.server.RawConnection.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.ternion.api.v1.ListJobsRequest;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that abuse HTTP/2: they are ended or cost little, and the server goes on answering others. */
class HostileConnectionsIT {
    private static final String LIST = "/ternion.v1.JobService/ListJobs";
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final long MIB = 1 << 20;
    /** Machines of tests are shared, and calls of all connections wait in one queue. */
    private static final int ANSWER_SECONDS = 120;

    private static final byte[] NOTHING = new byte[0];
    /** It tells of every connection that breaks the rules. */
    private static final Logger NETTY = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty");

    @TempDir
    Path folder;

    private TestServer test;
    private final List<RawConnection> open = new ArrayList<>();
    private long before;

    @BeforeEach
    void start() throws Exception {
        NETTY.setLevel(Level.OFF);
        test = new TestServer(folder);
        connect().open().close();
        assertAnswers();
        before = memory();
    }

    @AfterEach
    void stop() throws Exception {
        for (RawConnection connection : open) {
            connection.close();
        }
        test.close();
        NETTY.setLevel(null);
    }

    private RawConnection connect() throws IOException {
        RawConnection connection = new RawConnection(test.server.port());
        open.add(connection);
        return connection;
    }

    /** Others are answered, also by what waits for the server's own threads, once the calls that came before were worked off. */
    private void assertAnswers() {
        await().atMost(ANSWER_SECONDS, TimeUnit.SECONDS)
                .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
                .untilAsserted(() -> {
                    assertThat(HealthGrpc.newBlockingStub(test.channel)
                                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                                    .check(HealthCheckRequest.getDefaultInstance())
                                    .getStatus())
                            .isEqualTo(ServingStatus.SERVING);
                    test.jobs.withDeadlineAfter(20, TimeUnit.SECONDS).listJobs(ListJobsRequest.getDefaultInstance());
                });
    }

    private void assertSmall(long bytes) throws Exception {
        long grown = memory() - before;
        System.out.printf("hostile connections: %d open, %d KiB more memory%n", open.size(), grown >> 10);
        assertThat(grown).isLessThan(bytes);
    }

    private static long memory() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least + Math.max(0, PlatformDependent.usedDirectMemory());
    }

    private interface Flood {
        void send(RawConnection connection, int round) throws IOException;
    }

    /** Sends so many rounds, or until the server ends the connection. */
    private static void flood(RawConnection connection, int rounds, Flood flood) throws IOException {
        for (int i = 0; i < rounds; i++) {
            try {
                flood.send(connection, i);
                connection.send();
            } catch (SocketException e) {
                return;
            }
        }
    }

    @Test
    void streamsThatAreOpenedAndCancelled() throws Exception {
        byte[] headers = RawConnection.headers(LIST);
        for (int i = 0; i < 20; i++) {
            RawConnection connection = connect().open();
            flood(connection, 100, (raw, round) -> {
                for (int j = 0; j < 100; j++) {
                    int stream = 2 * (100 * round + j) + 1;
                    raw.frame(HEADERS, END_HEADERS, stream, headers)
                            .frame(RST_STREAM, 0, stream, RawConnection.number(8));
                }
            });
            assertThat(connection.awaitEnd()).isIn(ENHANCE_YOUR_CALM, -1);
        }
        assertAnswers();
        assertSmall(64 * MIB);
    }

    /** The rule that ends the flood above names itself where the client reads what it is told. */
    @Test
    void streamsThatAreOpenedAndCancelled_moreThanTwoHundredTimes() throws Exception {
        byte[] headers = RawConnection.headers(LIST);
        RawConnection connection = connect().open();
        for (int i = 0; i < 220; i++) {
            connection.frame(HEADERS, END_HEADERS, 2 * i + 1, headers);
            connection.frame(RST_STREAM, 0, 2 * i + 1, RawConnection.number(8));
        }
        assertThat(connection.send().awaitEnd()).isEqualTo(ENHANCE_YOUR_CALM);
        assertAnswers();
    }

    @Test
    void headersThatNeverEnd() throws Exception {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            RawConnection.header(block, "x-" + i, "y".repeat(100));
        }
        for (byte[] piece : List.of(block.toByteArray(), new byte[] {0}, NOTHING)) {
            for (int i = 0; i < 10; i++) {
                RawConnection connection = connect().open();
                connection.frame(HEADERS, 0, 1, RawConnection.headers(LIST)).send();
                flood(connection, 1000, (raw, round) -> {
                    for (int j = 0; j < 100; j++) {
                        raw.frame(CONTINUATION, 0, 1, piece);
                    }
                });
                assertThatCode(connection::awaitEnd).doesNotThrowAnyException();
            }
        }
        assertAnswers();
        assertSmall(64 * MIB);
    }

    @Test
    void answersThatMayNotBeSent() throws Exception {
        byte[] headers = RawConnection.headers(LIST);
        for (int window : new int[] {0, 1}) {
            for (int i = 0; i < 5; i++) {
                RawConnection connection = connect().open(INITIAL_WINDOW_SIZE, window);
                for (int call = 0; call < 300; call++) {
                    connection.frame(HEADERS, END_HEADERS, 2 * call + 1, headers);
                    connection.frame(DATA, END_STREAM, 2 * call + 1, new byte[5]);
                }
                connection.send();
            }
        }
        assertAnswers();
        assertSmall(64 * MIB);
        for (RawConnection connection : open) {
            flood(connection, 100, (raw, round) -> raw.frame(WINDOW_UPDATE, 0, 2 * round + 1, RawConnection.number(1)));
        }
        assertAnswers();
    }

    @Test
    void framesThatAskForAnAnswer_whichIsNotRead() throws Exception {
        for (int i = 0; i < 4; i++) {
            RawConnection connection = connect().open();
            boolean pings = i % 2 == 0;
            flood(connection, 2000, (raw, round) -> {
                for (int j = 0; j < 100; j++) {
                    raw.frame(pings ? PING : SETTINGS, 0, 0, new byte[pings ? 8 : 0]);
                }
            });
        }
        assertAnswers();
        assertSmall(64 * MIB);
    }

    @Test
    void headersThatComeSlowly() throws Exception {
        byte[] headers = RawConnection.headers(LIST);
        for (int i = 0; i < 300; i++) {
            RawConnection connection = connect();
            switch (i % 3) {
                case 0 -> connection.bytes(new byte[] {'P'}).send();
                case 1 -> connection.open().bytes(new byte[] {0, 1}).send();
                default ->
                    connection
                            .open()
                            .bytes(new byte[] {0, 0, (byte) headers.length, HEADERS, END_HEADERS, 0, 0, 0, 1})
                            .bytes(new byte[] {0, 7})
                            .send();
            }
        }
        assertAnswers();
        assertSmall(64 * MIB);
    }

    @Test
    void connectionsThatDoNothing() throws Exception {
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long files = system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount() - 500;
        int count = (int) Math.min(2000, files / 2);
        assertThat(count)
                .as("connections that the limit of open files lets us make")
                .isGreaterThan(100);
        for (int i = 0; i < count; i++) {
            connect().open();
        }
        assertAnswers();
        assertSmall(count * 64L << 10);
    }
}
