package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.ListJobsRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bar R-8: a thousand creates of one request at once, one reply in a hundred lost, across a kill: one job, a thousand equal answers. */
class RepeatedCreatesIT {
    private static final int CREATES = 1000;
    private static final int AT_ONCE = 32;
    private static final double LOST = 0.01;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @Test
    void oneRequestMakesOneJob() throws Exception {
        new TinyServer(folder).filled().close();
        Path data = folder.resolve("data");
        Path log = Files.createFile(folder.resolve("server.log"));
        CreateJobRequest.Builder create =
                CreateJobRequest.newBuilder().setRequestId("11111111-2222-3333-4444-555555555555");
        create.getJobBuilder().setSpec(KilledServerIT.fineTune(100_000_000));
        AtomicReference<ServerProcess> current = new AtomicReference<>(new ServerProcess(data, log));
        AtomicInteger lost = new AtomicInteger();
        CountDownLatch some = new CountDownLatch(CREATES / 3);
        ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<String>> answers = new ArrayList<>();
            Random random = new Random(8);
            for (int i = 0; i < CREATES; i++) {
                Callable<String> client = () -> {
                    String uid = uid(current, create.build(), random, lost);
                    some.countDown();
                    return uid;
                };
                answers.add(clients.submit(client));
            }
            assertThat(some.await(3, TimeUnit.MINUTES)).isTrue();
            current.get().kill();
            current.set(new ServerProcess(data, log));
            List<String> uids = new ArrayList<>();
            for (Future<String> answer : answers) {
                uids.add(answer.get());
            }
            List<Job> jobs = current.get()
                    .jobs()
                    .listJobs(ListJobsRequest.getDefaultInstance())
                    .getJobsList();
            assertThat(jobs).hasSize(1);
            assertThat(uids).hasSize(CREATES).containsOnly(jobs.get(0).getUid());
            assertThat(lost).as("replies that were lost").hasPositiveValue();
        } finally {
            clients.shutdownNow();
            current.get().close();
        }
    }

    /** Asks until a reply gets through. */
    private static String uid(
            AtomicReference<ServerProcess> server, CreateJobRequest create, Random random, AtomicInteger lost)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                Job job = server.get().jobs().createJob(create);
                if (random.nextDouble() >= LOST) {
                    return job.getUid();
                }
                lost.incrementAndGet();
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || System.nanoTime() - end > 0) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }
}
