package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.ternion.artifact.InMemory;
import dev.ternion.conformance.Draws;
import dev.ternion.quant.QuantSpec.WeightRule;
import dev.ternion.recipe.checkpoint.FolderCheckpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A checkpoint with a flipped bit is refused with DATA_LOSS and the one before is used; when none is left, the job fails. */
class DamagedCheckpointIT {
    private static final int STOP = 30;

    @TempDir(factory = InMemory.class)
    Path folder;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(FolderCheckpoints.class);
    private TinyWorkspace tiny;
    private Path checkpoints;
    private ResumedJob job;

    @BeforeEach
    void teach() throws Exception {
        log.start();
        logger.addAppender(log);
        tiny = new TinyWorkspace(folder).filled().taught("teacher");
        checkpoints = tiny.workspace.checkpoints().resolve("job-a");
        job = new ResumedJob(tiny, ResumedJobIT.qat(WeightRule.TERNARY), checkpoints);
    }

    @AfterEach
    void detach() {
        logger.detachAppender(log);
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    private static void flip(Path file, int draw) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int bit = new Draws(35, draw).below(8 * bytes.length);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        Files.write(file, bytes);
    }

    private String warnings() {
        StringBuilder all = new StringBuilder();
        log.list.stream()
                .filter(event -> event.getLevel() == ch.qos.logback.classic.Level.WARN)
                .forEach(event -> all.append(event.getFormattedMessage()).append('\n'));
        return all.toString();
    }

    @Test
    void ofADamagedCheckpointTheOneBeforeIsUsed_withTheSameEnd() throws Exception {
        ResumedJob.Outcome wanted = job.whole();
        int files = 0;
        for (int i = 0; files == 0 || i < files; i++) {
            job.forget();
            job.stop(ResumedJob.Stop.KILLED, STOP, ResumedJob.ALWAYS);
            assertThat(sorted(checkpoints)).hasSize(2);
            Path newest = sorted(checkpoints).get(1);
            files = sorted(newest).size();
            Path file = sorted(newest).get(i);
            flip(file, i);
            log.list.clear();
            job.stop(ResumedJob.Stop.KILLED, 1, ResumedJob.ALWAYS);
            assertThat(warnings())
                    .contains(
                            "DATA_LOSS",
                            newest.getFileName().toString(),
                            file.getFileName().toString());
            assertThat(newest).as("removed").doesNotExist();
            assertThat(job.finish(ResumedJob.SOMETIMES)).as("%s", file).isEqualTo(wanted);
        }
        assertThat(files)
                .as("two trainings, predictions, state, sources, about, manifest")
                .isEqualTo(7);
    }

    @Test
    void whenNoneIsIntact_theJobFailsAndSaysWhatToDo() throws Exception {
        job.stop(ResumedJob.Stop.KILLED, STOP, ResumedJob.ALWAYS);
        for (Path checkpoint : sorted(checkpoints)) {
            flip(checkpoint.resolve("state.json"), 0);
        }
        JobFailure failure = catchThrowableOfType(JobFailure.class, () -> job.finish(ResumedJob.ALWAYS));
        assertThat(failure.reason()).isEqualTo("DATA_LOSS");
        assertThat(failure)
                .hasMessageContainingAll(
                        "checkpoints/job-a/step-",
                        "state.json: expected sha256",
                        "check the disk",
                        "submit the job again");
        assertThat(failure.getMessage()).as("for clients").doesNotContain(folder.toString());
        assertThat(failure.details()).containsEntry("folder", "job-a");
        assertThat(sorted(checkpoints)).as("left for whoever looks into it").hasSize(2);
    }

    @Test
    void checkpointsOfAnotherSpecAreNotTakenUp() throws Exception {
        JobSpec other = ResumedJobIT.qat(WeightRule.BINARY);
        new ResumedJob(tiny, other, checkpoints).stop(ResumedJob.Stop.KILLED, STOP, ResumedJob.ALWAYS);
        ResumedJob.Outcome wanted = job.whole();
        List<Object> said = List.copyOf(job.said);
        assertThat(job.finish(ResumedJob.SOMETIMES)).isEqualTo(wanted);
        assertThat(job.said).isEqualTo(said);
        assertThat(warnings()).contains("from the beginning");
    }

    /** A disk that takes no checkpoint costs no job: here a file lies where the folder would be. */
    @Test
    void aCheckpointThatCannotBeMadeIsLoggedAndTheJobGoesOn() throws Exception {
        ResumedJob.Outcome wanted = job.whole();
        Files.createDirectories(checkpoints.getParent());
        Files.writeString(checkpoints, "");
        assertThat(job.finish(ResumedJob.ALWAYS)).isEqualTo(wanted);
        assertThat(warnings()).contains("could not be made");
    }
}
