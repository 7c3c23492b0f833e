package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DataSpec;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** workers whose memory is exhausted for real, that of the heap and that of the process, under a server with the same limits. */
class ExhaustedWorkerIT {
    /** Takes more than the heap below, when a job holds it. */
    private static final int ROWS = 400_000;

    /** Activations of a step with so many rows take more than the address space below. */
    private static final int BATCH = 4096;

    private static final String SMALL_HEAP = "-Xmx48m -XX:ReservedCodeCacheSize=32m -XX:CompressedClassSpaceSize=64m"
            + " -XX:TieredStopAtLevel=1 -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0";

    /** Kilobytes of address space: of a worker with a small job, and some more. */
    private static final int ADDRESSES = 1_000_000;

    @TempDir
    Path folder;

    @Test
    void aJobThatDoesNotFitFailsAndTheNextOneRuns() throws Exception {
        try (TinyServer tiny = new TinyServer(folder).filled()) {
            importTable(tiny, "many-rows", ROWS);
            importTable(tiny, "wide-batch", BATCH);
        }
        Path log = Files.createFile(folder.resolve("server.log"));
        try (ServerProcess server = new ServerProcess(
                folder.resolve("data"),
                log,
                Map.of("_JAVA_OPTIONS", SMALL_HEAP, "MALLOC_ARENA_MAX", "2"),
                "bash",
                "-c",
                "ulimit -v " + ADDRESSES + "; exec \"$@\"",
                "limited")) {
            Job heap = ended(server, "heap-job", spec("many-rows", 8));
            assertThat(heap.getState()).isEqualTo(Job.State.STATE_FAILED);
            assertThat(heap.getStateReason()).startsWith("OUT_OF_MEMORY: the worker's memory is exhausted");
            Job process = ended(server, "process-job", spec("wide-batch", BATCH));
            assertThat(process.getState()).isEqualTo(Job.State.STATE_FAILED);
            assertThat(process.getStateReason()).startsWith("OUT_OF_MEMORY: [new_buffer]");
            Job small = ended(server, "small-job", spec("tiny-task", 8));
            assertThat(small.getState()).as(small.getStateReason()).isEqualTo(Job.State.STATE_SUCCEEDED);
            assertThat(List.of(heap, process, small))
                    .extracting(Job::getAttempts)
                    .containsOnly(1);
        }
    }

    private static Job ended(ServerProcess server, String id, JobSpec spec) {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId(id);
        create.getJobBuilder().setSpec(spec);
        server.jobs().createJob(create.build());
        await().atMost(Duration.ofMinutes(3))
                .until(() -> List.of(Job.State.STATE_SUCCEEDED, Job.State.STATE_FAILED)
                        .contains(server.job(id).getState()));
        return server.job(id);
    }

    private static JobSpec spec(String dataset, int batch) {
        JobSpec.Builder spec = KilledServerIT.fineTune(1).toBuilder();
        spec.getFineTuneBuilder()
                .getDataBuilder()
                .setDataset(dataset)
                .setMaxLength(24)
                .setPadding(DataSpec.Padding.PADDING_REFERENCE);
        spec.getFineTuneBuilder().getBudgetBuilder().setBatchSize(batch);
        return spec.build();
    }

    private void importTable(TinyServer tiny, String id, int rows) throws Exception {
        Path train = table(id + ".tsv", rows), eval = table(id + "-eval.tsv", 12);
        var imported = tiny.run(
                "datasets",
                "import",
                id,
                train.toString(),
                eval.toString(),
                "--text",
                "sentence",
                "--label",
                "verdict");
        assertThat(imported.code()).as(imported.err()).isZero();
    }

    private Path table(String name, int rows) throws Exception {
        Stream<String> lines = IntStream.range(0, rows).mapToObj(i -> i % 2 == 0 ? "bad\tno" : "good\tyes");
        return Files.write(folder.resolve(name), (Iterable<String>)
                Stream.concat(Stream.of("sentence\tverdict"), lines)::iterator);
    }
}
