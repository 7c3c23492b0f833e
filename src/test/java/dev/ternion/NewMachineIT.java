package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DeleteModelRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.artifact.CheckpointFolder;
import dev.ternion.artifact.Digests;
import dev.ternion.objects.ObjectStore;
import dev.ternion.objects.s3.Bucket;
import dev.ternion.objects.s3.TestS3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The machine is lost, its database is not: what users were told of models and data sets is there on the next one. */
@Timeout(240)
class NewMachineIT {
    private static final int STEPS = 6000;
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path root;

    private TestS3 s3;
    private Bucket bucket;
    private Path log;

    @BeforeEach
    void start() throws Exception {
        s3 = new TestS3();
        bucket = s3.bucket();
        log = Files.createFile(root.resolve("server.log"));
    }

    @AfterEach
    void stop() throws Exception {
        s3.close();
    }

    private ServerProcess server(Path data) throws Exception {
        return ServerProcess.with(
                data,
                log,
                Map.of(
                        "AWS_ACCESS_KEY_ID",
                        TestS3.KEY,
                        "AWS_SECRET_ACCESS_KEY",
                        TestS3.SECRET,
                        "AWS_REGION",
                        "us-east-1"),
                "--objects",
                "s3://" + bucket.name() + "/" + bucket.prefix(),
                "--objects-endpoint",
                s3.endpoint().toString());
    }

    private static TinyServer.Result run(Path data, String... args) throws IOException {
        String port = Files.readString(data.resolve("server.txt")).replaceAll("(?s).*port ([0-9]+).*", "$1");
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--server";
        all[args.length + 1] = "127.0.0.1:" + port;
        return TinyServer.cli(all);
    }

    private static String ok(TinyServer.Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }

    /** Files of models and data sets with their digests. */
    private static Map<String, String> files(Path data) throws IOException {
        Map<String, String> files = new TreeMap<>();
        for (String kind : new String[] {"models", "datasets"}) {
            try (Stream<Path> all = Files.walk(data.resolve(kind))) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    files.put(data.relativize(file).toString(), Digests.sha256(file));
                }
            }
        }
        return files;
    }

    @Test
    void modelsAndDataSetsAreThere_byteForByte_andADeletedModelIsNot() throws Exception {
        new TinyServer(root).filled().close();
        Path old = root.resolve("data"), young = Files.createDirectories(root.resolve("young"));
        Map<String, String> before = files(old);
        String models, datasets;
        try (ServerProcess server = server(old)) {
            submit(server, "job-a", "taught-after");
            await().atMost(LONG).until(() -> server.job("job-a").getState() == Job.State.STATE_SUCCEEDED);
            ok(run(old, "models", "import", "copied-model", imported().toString()));
            ok(run(old, "models", "import", "deleted-model", imported().toString()));
            deleteModel(server, "deleted-model");
            models = ok(run(old, "models", "list", "--output", "json"));
            datasets = ok(run(old, "datasets", "list", "--output", "json"));
            server.kill();
        }
        assertThat(models).contains("encoder", "taught-after", "copied-model").doesNotContain("deleted-model");
        Map<String, String> wanted = files(old);
        assertThat(wanted)
                .containsAllEntriesOf(before)
                .containsKeys("models/taught-after/owner", "models/copied-model/owner", "datasets/tiny-task/owner");
        moveDatabase(old, young);
        try (ServerProcess server = server(young)) {
            assertThat(files(young)).isEqualTo(wanted);
            assertThat(ok(run(young, "models", "list", "--output", "json"))).isEqualTo(models);
            assertThat(ok(run(young, "datasets", "list", "--output", "json"))).isEqualTo(datasets);
            Path fetched = root.resolve("fetched");
            ok(run(young, "models", "download", "taught-after", fetched.toString()));
            assertThat(Digests.sha256(fetched.resolve("model.safetensors")))
                    .isEqualTo(wanted.get("models/taught-after/model.safetensors"));
            submit(server, "job-c", "taught-there");
            await().atMost(LONG).until(() -> server.job("job-c").getState() == Job.State.STATE_SUCCEEDED);
            assertThat(Digests.sha256(young.resolve("models/taught-there/model.safetensors")))
                    .as("the same training on the new machine")
                    .isEqualTo(wanted.get("models/taught-after/model.safetensors"));
        }
    }

    /** While the bucket is away, no job ends and nothing is imported; then all goes on. */
    @Test
    void whileTheBucketIsAwayNothingIsSaidToBeThere() throws Exception {
        new TinyServer(root).filled().close();
        Path data = root.resolve("data");
        try (ServerProcess server = server(data)) {
            ok(run(data, "models", "import", "spare-model", imported().toString()));
            s3.stop();
            submit(server, "job-a", "taught-model");
            await().atMost(LONG)
                    .until(() -> Files.readString(log)
                            .contains("model taught-model of job job-a is not in the object store yet"));
            assertThat(server.job("job-a").getState()).isEqualTo(Job.State.STATE_RUNNING);
            assertThat(data.resolve("models/taught-model")).exists();
            assertThat(ok(run(data, "models", "list", "--output", "json")))
                    .contains("encoder")
                    .doesNotContain("taught-model");
            TinyServer.Result refused =
                    run(data, "models", "import", "copied-model", imported().toString());
            assertThat(refused.err()).contains("OBJECTS_UNAVAILABLE").doesNotContain(bucket.name());
            assertThat(data.resolve("models/copied-model")).doesNotExist();
            assertThatThrownBy(() -> deleteModel(server, "spare-model"))
                    .hasMessageContaining("UNAVAILABLE: the server's object store does not answer");
            assertThat(data.resolve("models/spare-model")).exists();
            s3.start();
            await().atMost(LONG).until(() -> server.job("job-a").getState() == Job.State.STATE_SUCCEEDED);
            assertThat(server.job("job-a").getAttempts()).isEqualTo(1);
            assertThat(ok(run(data, "models", "list", "--output", "json"))).contains("taught-model");
            ok(run(data, "models", "import", "copied-model", imported().toString()));
            assertThat(Files.readString(log)).doesNotContain(TestS3.SECRET);
        }
    }

    /** A job that was paused goes on from its checkpoint, and ends in the bytes of one that was not. */
    @Test
    void aPausedJobGoesOnFromItsCheckpoint() throws Exception {
        new TinyServer(root).filled().close();
        Path old = root.resolve("data"), young = Files.createDirectories(root.resolve("young"));
        long step;
        try (ServerProcess server = server(old)) {
            submit(server, "job-a", "taught-model", STEPS);
            await().atMost(LONG).until(() -> server.job("job-a").getProgress().getStep() > 0);
            server.jobs()
                    .pauseJob(PauseJobRequest.newBuilder()
                            .setName(ResourceNames.JOB.name("job-a"))
                            .build());
            await().atMost(LONG).until(() -> server.job("job-a").getState() == Job.State.STATE_PAUSED);
            List<Long> steps = new CheckpointFolder(old.resolve("checkpoints/job-a")).steps();
            step = steps.get(steps.size() - 1);
            String index = String.format("checkpoints/job-a/step-%012d/index", step);
            ObjectStore objects = s3.store(bucket);
            await().atMost(LONG).until(() -> objects.size(index).isPresent());
            server.kill();
        }
        moveDatabase(old, young);
        try (ServerProcess server = server(young)) {
            server.jobs()
                    .resumeJob(ResumeJobRequest.newBuilder()
                            .setName(ResourceNames.JOB.name("job-a"))
                            .build());
            submit(server, "job-b", "taught-anew", STEPS);
            await().atMost(LONG).until(() -> server.job("job-b").getState() == Job.State.STATE_SUCCEEDED);
            assertThat(server.job("job-a").getState()).isEqualTo(Job.State.STATE_SUCCEEDED);
            assertThat(Files.readString(log)).contains(String.format("going on from checkpoint step-%012d", step));
            assertThat(Digests.sha256(young.resolve("models/taught-model/model.safetensors")))
                    .isEqualTo(Digests.sha256(young.resolve("models/taught-anew/model.safetensors")));
        }
    }

    private Path imported() {
        return root.resolve("imports/hf");
    }

    private static void submit(ServerProcess server, String id, String output) {
        submit(server, id, output, 3);
    }

    private static void submit(ServerProcess server, String id, String output, int steps) {
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setJobId(id);
        create.getJobBuilder().setSpec(KilledServerIT.fineTune(steps));
        create.getJobBuilder().getSpecBuilder().getFineTuneBuilder().setOutputModel(output);
        server.jobs().createJob(create.build());
    }

    private static void deleteModel(ServerProcess server, String id) {
        server.models()
                .deleteModel(DeleteModelRequest.newBuilder()
                        .setName(ResourceNames.MODEL.name(id))
                        .build());
    }

    /** Of a machine that was lost only the database is left, as on another one or from a backup. */
    private static void moveDatabase(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.list(from)) {
            for (Path file : all.filter(name -> name.getFileName().toString().startsWith("jobs.db"))
                    .toList()) {
                Files.move(file, to.resolve(file.getFileName()));
            }
        }
        Folders.remove(from);
    }
}
