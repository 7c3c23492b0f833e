package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.CancelJobRequest;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.JobState;
import dev.ternion.jobs.JobStore;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that create, repeat, cancel, delete and read jobs, and what a server has acknowledged to them. */
final class AcknowledgedHistory {
    /** What a job may be once its cancel was answered. */
    static final Set<Job.State> AFTER_CANCEL = EnumSet.of(
            Job.State.STATE_CANCELLING, Job.State.STATE_CANCELLED, Job.State.STATE_SUCCEEDED, Job.State.STATE_FAILED);

    /** A create request and what is known of its job. Changed by one thread at a time. */
    private static final class Known {
        final CreateJobRequest request;
        /** Null until a create was answered. */
        String uid;

        String name;
        boolean cancelled;
        boolean deleteTried;
        boolean deleted;

        Known(CreateJobRequest request) {
            this.request = request;
        }
    }

    private final JobSpec spec;
    private final List<Known> all = new CopyOnWriteArrayList<>();
    private final Map<Integer, List<Known>> byClient = new ConcurrentHashMap<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile boolean over;

    AcknowledgedHistory(JobSpec spec) {
        this.spec = spec;
    }

    /** Changes that a server has acknowledged. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Has the clients end after the call that each has under way. */
    void end() {
        over = true;
    }

    /** Calls until the server no longer answers, or to {@link #end}. Each client has jobs of its own, also those of its calls to earlier servers. */
    Thread client(int client, JobServiceBlockingStub stub, long seed) {
        Random random = new Random(seed);
        List<Known> mine = byClient.computeIfAbsent(client, c -> new CopyOnWriteArrayList<>());
        Thread thread = new Thread(() -> {
            while (!over && call(stub, random, mine)) {}
        });
        thread.start();
        return thread;
    }

    private boolean call(JobServiceBlockingStub stub, Random random, List<Known> mine) {
        try {
            Known known = mine.isEmpty() || random.nextInt(3) == 0
                    ? add(random, mine)
                    : mine.get(random.nextInt(mine.size()));
            if (known.uid == null || random.nextInt(4) == 0) {
                create(stub, known);
            } else if (random.nextInt(3) == 0) {
                known.deleteTried = true;
                stub.deleteJob(DeleteJobRequest.newBuilder().setName(known.name).build());
                known.deleted = true;
                mine.remove(known);
                acknowledged.incrementAndGet();
            } else {
                stub.cancelJob(CancelJobRequest.newBuilder().setName(known.name).build());
                known.cancelled = true;
                acknowledged.incrementAndGet();
            }
            return true;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() != Status.Code.UNAVAILABLE;
        }
    }

    /** Half of the requests leave the id to the server, so that a job made twice would be seen. */
    private Known add(Random random, List<Known> mine) {
        String request = UUID.randomUUID().toString();
        String id = "kill-" + request;
        CreateJobRequest.Builder create = CreateJobRequest.newBuilder().setRequestId(request);
        create.getJobBuilder().setDisplayName(request).setSpec(spec);
        create.getJobBuilder().getSpecBuilder().getFineTuneBuilder().setOutputModel("m-" + request);
        Known known = new Known(random.nextBoolean() ? create.setJobId(id).build() : create.build());
        mine.add(known);
        all.add(known);
        return known;
    }

    private void create(JobServiceBlockingStub stub, Known known) {
        boolean mayBeGone = known.deleteTried;
        if (mayBeGone) {
            return;
        }
        Job job = stub.createJob(known.request);
        if (known.uid != null) {
            assertThat(job.getUid()).as("the answer to a repeated create").isEqualTo(known.uid);
        }
        known.uid = job.getUid();
        known.name = job.getName();
        acknowledged.incrementAndGet();
    }

    /** Compares a server that has just started with what the one before has acknowledged. */
    void check(JobServiceBlockingStub stub) {
        for (Known known : all) {
            if (known.uid == null) {
                try {
                    create(stub, known);
                } catch (StatusRuntimeException e) {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                }
                continue;
            }
            try {
                Job job = stub.getJob(
                        GetJobRequest.newBuilder().setName(known.name).build());
                assertThat(known.deleted).as("%s was deleted", known.name).isFalse();
                assertThat(job.getUid()).isEqualTo(known.uid);
                assertThat(job.getSpec().getFineTune().getOutputModel()).startsWith("m-");
                if (known.cancelled) {
                    assertThat(job.getState())
                            .as("%s was cancelled", known.name)
                            .isIn(AFTER_CANCEL);
                }
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode())
                        .as("%s: %s", known.name, e.getMessage())
                        .isEqualTo(Status.Code.NOT_FOUND);
                assertThat(known.deleteTried).as("%s is lost", known.name).isTrue();
            }
        }
    }

    /** Compares a store that no server has open with the rules: one job for a request, only legal transitions, one running. */
    static void check(JobStore store) {
        Map<String, String> byRequest = new HashMap<>();
        int running = 0;
        for (dev.ternion.jobs.Job job : store.list(Set.of(), Long.MAX_VALUE, Integer.MAX_VALUE)) {
            assertThat(byRequest.put(job.displayName(), job.id()))
                    .as("jobs of request %s", job.displayName())
                    .isNull();
            running += JobState.UNDER_WAY.contains(job.state()) ? 1 : 0;
            JobState state = null;
            for (JobEvent event : store.events(job.id(), 1, Integer.MAX_VALUE)) {
                if (event.body() instanceof JobEvent.StateChanged change) {
                    assertThat(change.from())
                            .as("event %d of %s", event.sequence(), job.id())
                            .isEqualTo(state);
                    if (state != null) {
                        assertThat(state.mayBecome(change.to()))
                                .as("%s to %s", state, change.to())
                                .isTrue();
                    }
                    state = change.to();
                }
            }
            assertThat(job.state()).as(job.id()).isEqualTo(state);
        }
        assertThat(running).as("jobs under way").isLessThanOrEqualTo(1);
    }
}
