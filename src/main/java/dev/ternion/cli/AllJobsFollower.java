package dev.ternion.cli;

import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.WatchJobsRequest;
import dev.ternion.api.v1.WatchJobsResponse;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/** Shows all jobs and each change of them, through broken streams: each new one goes on after the last message seen. */
final class AllJobsFollower {
    private final Session session;
    private final Connection connection;
    private final String filter;
    private final boolean progress;
    private final Patience patience;
    private final Reconnects reconnects;
    private String token = "";

    /**
     * A follower.
     *
     * @param filter as of `jobs list`
     * @param progress whether to show how far running jobs are
     * @param timeout longest wait; null for none
     */
    AllJobsFollower(Session session, Connection connection, String filter, boolean progress, Duration timeout) {
        this.session = session;
        this.connection = connection;
        this.filter = filter;
        this.progress = progress;
        patience = new Patience(timeout);
        reconnects = new Reconnects(session::say);
    }

    /** Returns when the time is over. */
    void follow() throws InterruptedException {
        while (patience.leftMs() > 0) {
            try {
                read();
            } catch (StatusRuntimeException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (patience.leftMs() > 0) {
                    beginAgain(e);
                }
            }
        }
    }

    private void beginAgain(StatusRuntimeException e) throws InterruptedException {
        if (e.getStatus().getCode() == Code.OUT_OF_RANGE && !token.isEmpty()) {
            token = "";
            session.say("the server no longer has the changes since; all jobs again");
        } else if (Reconnects.help(e)) {
            reconnects.failed(e.getStatus().getCode().name(), "", e, patience.leftMs());
            connection.connectNow();
        } else {
            throw e;
        }
    }

    private void read() throws InterruptedException {
        WatchJobsRequest request = WatchJobsRequest.newBuilder()
                .setFilter(filter)
                .setResumeToken(token)
                .setIncludeProgress(progress)
                .build();
        try (var messages = new EventStream<>(connection.channel(), JobServiceGrpc.getWatchJobsMethod(), request)) {
            while (patience.leftMs() > 0) {
                WatchJobsResponse message = messages.next(Math.min(patience.leftMs(), Reconnects.SILENCE_MS))
                        .orElseThrow(() -> Code.UNAVAILABLE.toStatus().asRuntimeException());
                reconnects.worked();
                token = message.getResumeToken();
                show(message);
            }
        }
    }

    private void show(WatchJobsResponse message) {
        switch (message.getEventCase()) {
            case JOB -> session.say(Names.id(message.getJob().getName()) + " " + EventText.state(message.getJob()));
            case DELETED -> session.say(Names.id(message.getDeleted().getName()) + " deleted");
            case PROGRESS ->
                session.say(Names.id(message.getProgress().getName()) + " "
                        + EventText.progress(message.getProgress().getProgress()));
            case SYNC_END -> session.say("These are all jobs; their changes follow.");
            case SYNC_BEGIN, BOOKMARK, EVENT_NOT_SET -> {}
        }
        if (!message.hasBookmark()) {
            session.json(Json.line(message));
        }
    }
}
