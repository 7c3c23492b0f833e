package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.CheckpointWriter;
import dev.ternion.artifact.Digests;
import dev.ternion.artifact.InMemory;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobState;
import dev.ternion.objects.BrokenStore;
import dev.ternion.objects.BrokenStore.Way;
import dev.ternion.objects.FolderObjects;
import dev.ternion.objects.FolderStore;
import dev.ternion.objects.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoints follow into the bucket, the newest first, and the next machine has the last ones, intact. */
class CheckpointCopiesTest {
    private static final String JOB = "some-job";

    @TempDir(factory = InMemory.class)
    Path root;

    private ObjectStore store;
    private Optional<Job> job = in(JobState.RUNNING);

    @BeforeEach
    void open() {
        store = new FolderStore(root.resolve("objects"));
    }

    private static Optional<Job> in(JobState state) {
        return Optional.of(TestJobs.job(JOB, KilledServerIT.fineTune(1), state));
    }

    /** A data folder, after a start. */
    private final class Site {
        private final Path checkpoints;
        private final CheckpointFolder folder;
        private final CheckpointCopies copies;

        private Site(ObjectStore to, String name) throws IOException {
            Path data = root.resolve(name);
            checkpoints = data.resolve("checkpoints");
            folder = new CheckpointFolder(checkpoints.resolve(JOB));
            copies = new CheckpointCopies(
                    new FolderObjects(to, "checkpoints", data.resolve("work")),
                    checkpoints,
                    data.resolve("links"),
                    id -> job.filter(known -> known.id().equals(id)));
        }

        /** Makes a checkpoint; the last two stay. */
        private void save(long step) throws IOException {
            try (CheckpointWriter writer =
                    folder.begin(step, newestFirst -> newestFirst.subList(0, Math.min(2, newestFirst.size())))) {
                writer.write("state.json", ("{\"step\": " + step + "}").getBytes(StandardCharsets.UTF_8));
                writer.commit();
            }
        }

        /** Other bytes in the same manifest, of the same time: who reads them finds another checkpoint. */
        private void rewriteUnseen(long step) throws IOException {
            Path manifest = folder.at(step).resolve("manifest.json");
            FileTime time = Files.getLastModifiedTime(manifest);
            Files.writeString(manifest, "other");
            Files.setLastModifiedTime(manifest, time);
        }

        /** Steps of checkpoints, all intact. */
        private List<Long> intact() throws IOException {
            for (long step : folder.steps()) {
                assertThat(folder.damage(step, () -> {})).isEmpty();
                assertThat(folder.at(step).resolve("state.json")).hasContent("{\"step\": " + step + "}");
            }
            return folder.steps();
        }
    }

    @Test
    void theNewestIsSent_andTheLastTwoComeBack() throws Exception {
        Site first = new Site(store, "first");
        first.save(1);
        first.save(2);
        assertThat(first.copies.turn()).isTrue();
        assertThat(new Site(store, "second").intact()).containsExactly(2L);
        first.save(3);
        first.copies.turn();
        first.save(4);
        first.save(5);
        first.copies.turn();
        assertThat(new Site(store, "third").intact()).containsExactly(3L, 5L);
        BrokenStore counting = new BrokenStore(store, 0, Way.REFUSED);
        Site again = new Site(counting, "first");
        again.copies.turn();
        assertThat(counting.asked).noneMatch(call -> call.startsWith("put") || call.startsWith("delete"));
        assertThat(again.intact()).as("none older is fetched").containsExactly(4L, 5L);
    }

    @Test
    void anotherCheckpointOfTheSameStepTakesItsPlace() throws Exception {
        Site first = new Site(store, "first");
        first.save(7);
        first.copies.turn();
        try (CheckpointWriter writer = first.folder.begin(7, all -> all)) {
            writer.write("state.json", "other".getBytes(StandardCharsets.UTF_8));
            writer.commit();
        }
        first.copies.turn();
        Site second = new Site(store, "second");
        assertThat(second.folder.at(7).resolve("state.json")).hasContent("other");
    }

    /** What was sent, or was there at the start, is read no more while it is the same file: such a look comes each second for each job. */
    @Test
    void whatIsKnownIsNotReadAgain() throws Exception {
        BrokenStore counting = new BrokenStore(store, 0, Way.REFUSED);
        Site first = new Site(counting, "first");
        first.save(7);
        first.copies.turn();
        counting.asked.clear();
        first.rewriteUnseen(7);
        first.copies.turn();
        assertThat(counting.asked).isEmpty();
        first.save(8);
        first.copies.turn();
        Site again = new Site(counting, "first");
        again.copies.turn();
        counting.asked.clear();
        again.rewriteUnseen(8);
        again.copies.turn();
        assertThat(counting.asked).isEmpty();
    }

    @Test
    void ofAJobThatIsOverOrGoneNothingStays_butWhatItsFolderKeeps() throws Exception {
        Site first = new Site(store, "first");
        first.save(1);
        first.copies.turn();
        first.save(2);
        first.copies.turn();
        job = in(JobState.SUCCEEDED);
        first.folder.remove(1);
        first.copies.turn();
        assertThat(store.list(""))
                .filteredOn(name -> name.endsWith("index"))
                .containsExactly("checkpoints/some-job/step-000000000002/index");
        assertThat(new Site(store, "second").intact()).isEmpty();
        job = Optional.empty();
        Site third = new Site(store, "third");
        assertThat(third.intact()).isEmpty();
        third.copies.turn();
        assertThat(store.list("")).isEmpty();
    }

    /** A folder that is lost under a server that runs does not take the copies along. */
    @Test
    void whatAJobNeedsStays_whateverBecomesOfTheFolder() throws Exception {
        Site first = new Site(store, "first");
        first.save(1);
        first.copies.turn();
        first.save(2);
        first.copies.turn();
        for (long step : first.folder.steps()) {
            first.folder.remove(step);
        }
        assertThat(first.copies.turn()).isTrue();
        assertThat(new Site(store, "second").intact()).containsExactly(1L, 2L);
    }

    @Test
    void ofADamagedOneTheOneBeforeIsThere() throws Exception {
        Site first = new Site(store, "first");
        first.save(1);
        first.copies.turn();
        first.save(2);
        first.copies.turn();
        Path other = Files.writeString(root.resolve("other"), "{\"step\": 3}");
        String name = "checkpoints/some-job/step-000000000002/"
                + Digests.sha256(first.folder.at(2).resolve("state.json"));
        store.put(name, other, Digests.sha256(other));
        assertThat(new Site(store, "second").intact()).containsExactly(1L);
        assertThat(new Site(store, "third").intact()).containsExactly(1L);
        store.delete("checkpoints/some-job/step-000000000001/index");
        assertThat(new Site(store, "fourth").intact()).isEmpty();
    }

    @Test
    void whatTheTrainingRemovesMeanwhileIsSentWhole() throws Exception {
        BrokenStore slow = new BrokenStore(store, 0, Way.REFUSED);
        Site first = new Site(slow, "first");
        first.save(1);
        slow.meanwhile = () -> {
            first.folder.remove(1);
            return null;
        };
        assertThat(first.copies.turn()).isTrue();
        assertThat(first.folder.steps()).isEmpty();
        assertThat(new Site(store, "second").intact()).containsExactly(1L);
    }

    /** Each call of the store fails in turn, or is the last of the process. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void whateverCallFails_theLastThatWasSentIsThere(Way way) throws Exception {
        for (int n = 1; ; n++) {
            job = in(JobState.RUNNING);
            ObjectStore real = new FolderStore(root.resolve("s" + n));
            BrokenStore broken = new BrokenStore(real, n, way);
            long acknowledged = 0;
            try {
                Site site = new Site(broken, "n" + n);
                for (long step = 1; step <= 4; step++) {
                    site.save(step);
                    acknowledged = site.copies.turn() ? step : acknowledged;
                }
            } catch (IOException | BrokenStore.Death e) {
                assertThat(broken.failed()).isTrue();
            }
            List<Long> there = new Site(real, "e" + n).intact();
            assertThat(there.isEmpty() ? 0 : there.get(there.size() - 1))
                    .as("%s", broken.asked)
                    .isGreaterThanOrEqualTo(acknowledged);
            Site next = new Site(real, "n" + n);
            next.save(9);
            assertThat(next.copies.turn()).isTrue();
            assertThat(new Site(real, "l" + n).intact()).as("%s", broken.asked).endsWith(9L);
            job = Optional.empty();
            Folders.remove(next.checkpoints);
            assertThat(next.copies.turn()).isTrue();
            assertThat(new Site(real, "z" + n).copies.turn()).isTrue();
            assertThat(real.list("")).as("%s", broken.asked).isEmpty();
            if (!broken.failed()) {
                assertThat(n).isGreaterThan(15);
                return;
            }
        }
    }
}
