package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.cli.ServeOptions;
import dev.ternion.cli.ServeSecurity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenedTest {
    @TempDir
    Path folder;

    @Test
    void theLastIsClosedFirstAndAllAreWhateverOneThrows() {
        List<String> closed = new ArrayList<>();
        Opened opened = new Opened();
        opened.add(() -> closed.add("first"));
        opened.add(() -> {
            throw new IOException("second");
        });
        opened.add(() -> closed.add("third"));
        IOException why = new IOException("why");
        opened.closeAll(why);
        assertThat(closed).containsExactly("third", "first");
        assertThat(why.getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e).hasMessage("second"));
    }

    @Test
    void aServerThatCannotBeginLeavesNothingOpen() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> LocalServer.start(options(taken.getLocalPort())))
                    .isInstanceOf(IOException.class);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith("-wal"));
        }
        LocalServer.start(options(0)).close();
    }

    private ServeOptions options(int metricsPort) {
        return new ServeOptions(
                folder,
                "127.0.0.1",
                0,
                1,
                List.of(),
                10,
                ServeSecurity.NONE,
                Optional.of(new ServeOptions.MetricsAddress("127.0.0.1", metricsPort)),
                false);
    }
}
