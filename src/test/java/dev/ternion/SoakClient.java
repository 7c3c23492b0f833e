package dev.ternion;

import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.ForkJobRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.ListLogEntriesRequest;
import dev.ternion.api.v1.ListSeriesRequest;
import dev.ternion.api.v1.LogServiceGrpc;
import dev.ternion.api.v1.MetricServiceGrpc;
import dev.ternion.api.v1.PauseJobRequest;
import dev.ternion.api.v1.ResumeJobRequest;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.api.v1.WatchJobsRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A client that does this and that with a few jobs of its own, and in the end deletes them. */
final class SoakClient extends Thread {
    /** Kinds of calls; a client that has made none of one was no test. */
    static final int KINDS = 12;

    private static final int MOST_JOBS = 8;
    private static final int PAUSE_MILLIS = 20;
    /** A slow machine gets so much more time for calls of all kinds. */
    private static final long MORE_NANOS = TimeUnit.MINUTES.toNanos(3);
    /** What a call may be told that comes at the wrong time. */
    private static final Set<Code> EXPECTED =
            EnumSet.of(Code.FAILED_PRECONDITION, Code.NOT_FOUND, Code.RESOURCE_EXHAUSTED);

    private final ManagedChannel channel;
    private final String checkpoint;
    private final Random random;
    private final long end;
    private final List<String> mine = new ArrayList<>();
    private final Set<Integer> done = new java.util.TreeSet<>();
    private final List<String> surprises = new ArrayList<>();

    /** @param end by {@link System#nanoTime} */
    SoakClient(ManagedChannel channel, String checkpoint, long seed, long end) {
        this.channel = channel;
        this.checkpoint = checkpoint;
        this.random = new Random(seed);
        this.end = end;
    }

    /** Kinds of calls that were answered as hoped at least once. */
    Set<Integer> done() {
        return done;
    }

    /** Answers that should not have come. */
    List<String> surprises() {
        return surprises;
    }

    @Override
    public void run() {
        while (System.nanoTime() - end < (done.size() < KINDS ? MORE_NANOS : 0)) {
            attempt(random.nextInt(KINDS));
            pause();
        }
        for (int tries = 0; !mine.isEmpty() && tries < 1000; tries++) {
            String name = mine.get(0);
            try {
                SoakIT.stub(channel)
                        .cancelJob(CancelJobRequest.newBuilder().setName(name).build());
            } catch (StatusRuntimeException e) {
                attemptDelete(name);
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attemptDelete(String name) {
        try {
            SoakIT.stub(channel)
                    .deleteJob(DeleteJobRequest.newBuilder().setName(name).build());
            mine.remove(name);
        } catch (StatusRuntimeException e) {
            note(e);
        }
    }

    private void attempt(int kind) {
        try {
            if (call(kind, SoakIT.stub(channel))) {
                done.add(kind);
            }
        } catch (StatusRuntimeException e) {
            note(e);
        }
    }

    private void note(StatusRuntimeException e) {
        boolean busy = String.valueOf(e.getStatus().getDescription()).contains("another checkpoint is being read");
        if (!busy && !EXPECTED.contains(e.getStatus().getCode())) {
            surprises.add(e.getMessage());
        }
    }

    /** Whether it made a call. */
    private boolean call(int kind, JobServiceBlockingStub jobs) {
        if (kind <= 1) {
            return mine.size() < MOST_JOBS && mine.add(make(kind, jobs).getName());
        }
        if (mine.isEmpty()) {
            return false;
        }
        String name = mine.get(random.nextInt(mine.size()));
        switch (kind) {
            case 2 -> jobs.cancelJob(CancelJobRequest.newBuilder().setName(name).build());
            case 3 -> jobs.pauseJob(PauseJobRequest.newBuilder().setName(name).build());
            case 4 -> jobs.resumeJob(ResumeJobRequest.newBuilder().setName(name).build());
            case 5 -> {
                jobs.deleteJob(DeleteJobRequest.newBuilder().setName(name).build());
                mine.remove(name);
            }
            case 6 -> jobs.getJob(GetJobRequest.newBuilder().setName(name).build());
            case 7 -> jobs.listJobs(ListJobsRequest.newBuilder().setPageSize(10).build());
            case 8 ->
                look(() ->
                        jobs.watchJob(WatchJobRequest.newBuilder().setName(name).build()));
            case 9 -> look(() -> jobs.watchJobs(WatchJobsRequest.getDefaultInstance()));
            case 10 ->
                LogServiceGrpc.newBlockingStub(channel)
                        .listLogEntries(ListLogEntriesRequest.newBuilder()
                                .setParent(name)
                                .build());
            default ->
                MetricServiceGrpc.newBlockingStub(channel)
                        .listSeries(
                                ListSeriesRequest.newBuilder().setParent(name).build());
        }
        return true;
    }

    private Job make(int kind, JobServiceBlockingStub jobs) {
        if (kind == 0) {
            CreateJobRequest.Builder create = CreateJobRequest.newBuilder();
            create.getJobBuilder().setSpec(KilledServerIT.fineTune(3));
            return jobs.createJob(create.build());
        }
        return jobs.forkJob(ForkJobRequest.newBuilder().setName(checkpoint).build());
    }

    /** Opens a stream, takes one message, and leaves. */
    private static void look(java.util.function.Supplier<Iterator<?>> open) {
        Context.CancellableContext context = Context.current().withCancellation();
        try {
            context.run(() -> open.get().next());
        } finally {
            context.cancel(null);
        }
    }
}
