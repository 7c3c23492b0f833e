package dev.ternion.cli;

import dev.ternion.api.v1.Job;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Follows a job in front of a person: view, Ctrl-C, end. Ctrl-C never stops the job. */
final class FollowJob {
    private final Session session;
    private final Connection connection;
    private final List<String> onInterrupt;

    /**
     * A follower.
     *
     * @param onInterrupt further lines to print when the person goes away
     */
    FollowJob(Session session, Connection connection, List<String> onInterrupt) {
        this.session = session;
        this.connection = connection;
        this.onInterrupt = onInterrupt;
    }

    /** The command that follows a job again. */
    static String again(String job, ServerAddress address) {
        return "follow it again with: bin/ternion jobs watch " + Names.id(job) + " --server " + address;
    }

    /** Follows to the end; throws a {@link CliException} when the job is left behind. */
    Job run(String name, Duration timeout) {
        ProgressView view = ProgressView.of(session);
        Thread farewell = new Thread(() -> farewell(view, name), "farewell");
        Runtime.getRuntime().addShutdownHook(farewell);
        try (view) {
            Optional<Job> end = new JobFollower(connection, view, name, timeout).follow();
            return end.orElseThrow(() -> new CliException(
                    ExitCode.TIMED_OUT, "time is over; " + name + " still runs; " + again(name, connection.address())));
        } catch (InterruptedException e) {
            farewell(view, name);
            throw new CliException(ExitCode.INTERRUPTED, "interrupted");
        } catch (StatusRuntimeException e) {
            view.close();
            if (RpcError.exitCode(e.getStatus().getCode()) == ExitCode.UNAVAILABLE) {
                session.say("The job may still run; " + again(name, connection.address()));
            }
            throw e;
        } finally {
            forget(farewell);
        }
    }

    /** What the job's end means for the exit code; says why it failed. */
    int exitCode(Job job) {
        String id = Names.id(job.getName());
        if (job.getState() == Job.State.STATE_SUCCEEDED) {
            session.say("Job " + id + " SUCCEEDED.");
            return ExitCode.OK;
        }
        session.say("Job " + id + " " + EventText.state(job.getState())
                + (job.getStateReason().isEmpty() ? "." : ": " + job.getStateReason()));
        if (job.hasError()) {
            RpcError.describe(job.getError()).forEach(session::say);
        }
        return ExitCode.JOB_FAILED;
    }

    private void farewell(ProgressView view, String name) {
        view.close();
        session.say("");
        session.say("Job " + Names.id(name) + " goes on; " + again(name, connection.address()));
        onInterrupt.forEach(session::say);
        session.err().flush();
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // then it runs, and should
        }
    }
}
