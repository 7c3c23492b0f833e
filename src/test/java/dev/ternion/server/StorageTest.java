package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room is given as long as there is some, whoever asks at the same time, and what was not put there takes none. */
class StorageTest {
    private static final int CLIENTS = 16;

    @TempDir
    Path folder;

    private final MapCheckpoints checkpoints = new MapCheckpoints();
    private Storage storage;

    @BeforeEach
    void open() throws IOException {
        Quotas quotas = Quotas.read(Files.writeString(
                folder.resolve("quotas.json"), "{\"callers\": {\"a\": {\"stored_bytes\": 500}, \"b\": {}}}"));
        storage = new Storage(quotas, new FolderModels(folder.resolve("models")), new LineDatasets(), checkpoints);
    }

    @Test
    void whoAsksAtTheSameTimeGetsNoMoreTogether() throws Exception {
        AtomicLong placed = new AtomicLong();
        CyclicBarrier start = new CyclicBarrier(CLIENTS);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        List<Future<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            answers.add(clients.submit(() -> {
                start.await();
                try {
                    storage.room("a").take(120, () -> {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                        placed.addAndGet(120);
                        checkpoints.bytes.merge("a", 120L, Long::sum);
                    });
                    return true;
                } catch (Refusal e) {
                    return false;
                }
            }));
        }
        int taken = 0;
        for (Future<Boolean> answer : answers) {
            taken += answer.get() ? 1 : 0;
        }
        clients.shutdown();
        assertThat(taken).isEqualTo(4);
        assertThat(placed).hasValue(480);
    }

    @Test
    void whatCouldNotBePutThereTakesNoRoom() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> storage.room("a").take(500, () -> {
                        throw new IOException("the disk is gone");
                    }))
                    .hasMessage("the disk is gone");
        }
        storage.room("a").take(500, () -> checkpoints.bytes.put("a", 500L));
        assertThatThrownBy(() -> storage.room("a").take(1, () -> checkpoints.bytes.put("a", 501L)))
                .hasMessage(
                        "QUOTA_EXCEEDED: quota stored_bytes of a is 500, and 500 bytes are stored, this import has 1"
                                + " more; delete models, data sets, checkpoints, or jobs that keep them, or have the"
                                + " operator of the server raise it");
        assertThat(checkpoints.bytes).containsEntry("a", 500L);
    }

    @Test
    void atTheLimitNothingIsBegunAndBelowItIs() throws Exception {
        checkpoints.bytes.put("a", 499L);
        checkpoints.bytes.put("b", 1L << 50);
        storage.requireSome("a");
        storage.requireSome("b");
        storage.requireSome("");
        storage.room("b").take(Long.MAX_VALUE, () -> {});
        assertThatThrownBy(() -> storage.room("a").take(2, () -> {})).hasMessageContaining("has 2 more");
        assertThatThrownBy(() -> storage.room("a").take(Long.MAX_VALUE, () -> {}))
                .hasMessageContaining("more");
        for (long used : List.of(500L, 501L)) {
            checkpoints.bytes.put("a", used);
            assertThatThrownBy(() -> storage.requireSome("a"))
                    .hasMessageStartingWith("QUOTA_EXCEEDED: quota stored_bytes of a is 500, and " + used
                            + " bytes are stored; delete ");
        }
    }
}
