package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.v1.DeleteJobRequest;
import dev.ternion.api.v1.GetJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.Job.State;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.store.FaultyStores.Fault;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests of the services run on stores of which a share of the calls fails; that they do, and that no client sees it. */
class FaultyStoreIT {
    private static final int MOST_JOBS = 500;

    @TempDir
    Path folder;

    @Test
    void everyKindOfFaultHappensAndNoneIsSeen() throws Exception {
        TestServer test = new TestServer(folder);
        test.runner.steps(0);
        try {
            long[] before = counts();
            int made = 0;
            while (made < MOST_JOBS && !allRose(before)) {
                made++;
                Job job = test.create("job-" + made);
                await().until(() -> stateOf(test, job) == State.STATE_SUCCEEDED);
                assertThat(test.jobs
                                .listJobs(ListJobsRequest.newBuilder()
                                        .setParent("projects/default")
                                        .build())
                                .getJobsList())
                        .extracting(Job::getName)
                        .containsExactly(job.getName());
                test.jobs.deleteJob(
                        DeleteJobRequest.newBuilder().setName(job.getName()).build());
            }
            assertThat(allRose(before)).as("after %d jobs", made).isTrue();
        } finally {
            test.close();
        }
    }

    private static State stateOf(TestServer test, Job job) {
        return test.jobs
                .getJob(GetJobRequest.newBuilder().setName(job.getName()).build())
                .getState();
    }

    private static long[] counts() {
        return Arrays.stream(Fault.values()).mapToLong(TestServer.FAULTS::count).toArray();
    }

    private static boolean allRose(long[] before) {
        long[] now = counts();
        for (int i = 0; i < now.length; i++) {
            if (now[i] == before[i]) {
                return false;
            }
        }
        return true;
    }
}
