package dev.ternion.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server does while a backup is being made breaks no backup. */
class StageTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-27T23:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path folder;

    private Path data;
    private Path stage;
    private final Jobs jobs = new Jobs();

    @BeforeEach
    void fill() throws IOException {
        data = Files.createDirectories(folder.resolve("data"));
        stage = Files.createDirectories(folder.resolve("stage"));
        unit("models/teacher", "weights");
        unit("datasets/task", "rows");
        unit("checkpoints/a/step-000000000001", "state");
    }

    @Test
    void takesWholeUnitsAndLeavesOutWhatIsUnfinishedOrOfNoUse() throws IOException {
        unit("models/.new.saving", "half");
        unit("checkpoints/a/.step-000000000002.saving", "half");
        Files.createFile(data.resolve("checkpoints/a/step-000000000001.pinned"));
        unit("cache/x", "cache");
        unit("uploads/y", "upload");
        jobs.open.put("a", Set.of("models/teacher", "datasets/task"));

        assertThat(fill(() -> {}).lacks()).isEmpty();
        assertThat(staged())
                .containsExactly(
                        "checkpoints/a/step-000000000001.pinned",
                        "checkpoints/a/step-000000000001/state",
                        "datasets/task/rows",
                        "jobs.db",
                        "models/teacher/weights");
    }

    @Test
    void whatIsDeletedLaterIsStillThere() throws IOException {
        fill(() -> {});
        Trees.delete(data.resolve("models"));
        assertThat(stage.resolve("models/teacher/weights")).hasContent("weights of models/teacher");
    }

    @Test
    void aModelThatGoesAwayWithItsJobIsLookedForInANewCopyOfTheJobs() throws IOException {
        jobs.open.put("a", Set.of("models/teacher"));
        Stage.Staged staged = fill(() -> {
            Trees.delete(data.resolve("models/teacher"));
            Trees.delete(data.resolve("checkpoints/a"));
            jobs.open.clear();
        });
        assertThat(jobs.copies).isEqualTo(2);
        assertThat(staged.lacks()).isEmpty();
        assertThat(staged()).containsExactly("datasets/task/rows", "jobs.db");
    }

    @Test
    void aCheckpointThatGoesAwayWithItsJobIsNoticedToo() throws IOException {
        jobs.open.put("a", Set.of());
        Stage.Staged staged = fill(() -> {
            Trees.delete(data.resolve("checkpoints/a"));
            jobs.open.clear();
        });
        assertThat(jobs.copies).isEqualTo(2);
        assertThat(staged.lacks()).isEmpty();
    }

    @Test
    void whatTheFolderItselfLacksIsToldAndStopsNothing() throws IOException {
        jobs.open.put("a", Set.of("models/teacher", "models/gone"));
        Stage.Staged staged = fill(() -> {});
        assertThat(jobs.copies).isEqualTo(2);
        assertThat(staged.lacks()).containsExactly("models/gone (job a)");
        assertThat(staged()).contains("models/teacher/weights");
    }

    @Test
    void whatTakesAnothersPlaceIsNotMixedWithIt() throws IOException {
        Files.writeString(
                data.resolve("models/teacher/manifest.json"),
                "{\"files\": {\"weights\": {\"sha256\": \"" + "0".repeat(64)
                        + "\", \"size\": 3}, \"more\": {\"sha256\": \"" + "0".repeat(64) + "\", \"size\": 3}}}");
        assertThatThrownBy(() -> fill(() -> {}))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("models/teacher does not stay");
        Files.writeString(data.resolve("models/teacher/more"), "x");
        assertThat(fill(() -> {}).lacks()).isEmpty();
    }

    @Test
    void aFolderThatNeverRestsIsGivenUp() throws IOException {
        jobs.again = () -> {
            jobs.open.clear();
            jobs.open.put("job" + jobs.copies, Set.of("models/gone" + jobs.copies));
        };
        jobs.again.make();
        assertThatThrownBy(() -> fill(() -> {}))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("come and go faster");
    }

    private interface Change {
        void make() throws IOException;
    }

    /** @param meanwhile what a server does after the database was copied for the first time */
    private Stage.Staged fill(Change meanwhile) throws IOException {
        jobs.meanwhile.clear();
        jobs.meanwhile.add(meanwhile);
        jobs.copies = 0;
        return new Stage(data, stage, jobs, CLOCK).fill();
    }

    private void unit(String unit, String file) throws IOException {
        Path path = Files.createDirectories(data.resolve(unit));
        Files.writeString(path.resolve(file), file + " of " + unit);
    }

    private List<String> staged() throws IOException {
        return Trees.files(stage).stream()
                .map(path -> stage.relativize(path).toString())
                .toList();
    }

    /** A database that is a text of its jobs. */
    private static final class Jobs implements JobsFile {
        private final Map<String, Set<String>> open = new TreeMap<>();
        private final List<Change> meanwhile = new ArrayList<>();
        private Change again = () -> {};
        private int copies;
        private Map<String, Set<String>> copied;

        @Override
        public void copy(Path dataFolder, Path file) throws IOException {
            copies++;
            copied = new TreeMap<>(open);
            Files.writeString(file, copied.toString());
            for (Change change : meanwhile) {
                change.make();
            }
            meanwhile.clear();
            again.make();
        }

        @Override
        public Map<String, Set<String>> needs(Path folder) {
            return copied;
        }

        @Override
        public String check(Path folder) {
            throw new AssertionError("not asked for here");
        }

        @Override
        public void renew(Path folder) {
            throw new AssertionError("not asked for here");
        }
    }
}
