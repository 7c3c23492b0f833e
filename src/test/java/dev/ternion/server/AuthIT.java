package dev.ternion.server;

import static dev.ternion.server.TestServer.detail;
import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.v1.JobEvent;
import dev.ternion.api.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.ternion.api.v1.ListJobsRequest;
import dev.ternion.api.v1.WatchJobRequest;
import dev.ternion.auth.NewToken;
import dev.ternion.auth.Role;
import dev.ternion.auth.TokenAuthenticator;
import dev.ternion.auth.TokenFile;
import dev.ternion.worker.MutableClock;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that asks for tokens. */
class AuthIT {
    @TempDir
    private Path folder;

    private final MutableClock clock = new MutableClock();
    private final AtomicLong nanos = new AtomicLong();
    private TokenFile file;
    private TokenAuthenticator tokens;
    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        file = new TokenFile(folder.resolve("data"), clock);
        tokens = new TokenAuthenticator(file, clock);
        test = new TestServer(folder, settings -> settings, new ServerAccess(null, tokens, null, nanos::get));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    private NewToken make(Role role, Duration life) throws Exception {
        NewToken made = file.create("test", role, "default", life);
        tokens.refresh();
        return made;
    }

    private JobServiceBlockingStub as(NewToken token) {
        return test.jobs.withInterceptors(Bearer.of(token.secret()));
    }

    private Status list(Metadata headers) {
        return refused(() -> test.jobs
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .listJobs(ListJobsRequest.getDefaultInstance()));
    }

    private static Metadata header(String... values) {
        Metadata headers = new Metadata();
        for (String value : values) {
            headers.put(AuthInterceptor.AUTHORIZATION, value);
        }
        return headers;
    }

    @Test
    void twentyBadTokensAreUnauthenticatedAndTheAnswerRepeatsNone() throws Exception {
        NewToken good = make(Role.ADMIN, Duration.ofDays(2));
        NewToken expired = make(Role.ADMIN, Duration.ofDays(1));
        NewToken revoked = make(Role.ADMIN, Duration.ofDays(2));
        clock.advance(Duration.ofDays(1));
        file.revoke(revoked.token().id());
        tokens.refresh();
        String secret = good.secret();
        Map<String, Metadata> bad = new HashMap<>();
        bad.put("none", new Metadata());
        bad.put("empty", header(""));
        bad.put("scheme alone", header("Bearer"));
        bad.put("no token", header("Bearer "));
        bad.put("no scheme", header(secret));
        bad.put("basic", header("Basic " + Base64.getEncoder().encodeToString(("x:" + secret).getBytes())));
        bad.put("cut", header("Bearer " + secret.substring(0, secret.length() - 1)));
        bad.put("long", header("Bearer " + secret + "A"));
        bad.put("without prefix", header("Bearer " + secret.substring(8)));
        bad.put("upper case", header("Bearer " + secret.toUpperCase(java.util.Locale.ROOT)));
        bad.put("two spaces", header("Bearer  " + secret));
        bad.put("quoted", header("Bearer \"" + secret + "\""));
        bad.put("two headers", header("Bearer " + secret, "Bearer " + secret));
        bad.put("comma", header("Bearer " + secret + ",Bearer " + secret));
        bad.put("the hash", header("Bearer " + good.token().sha256()));
        bad.put("the id", header("Bearer " + good.token().id()));
        bad.put("zeros", header("Bearer ternion_" + "A".repeat(43)));
        bad.put("expired", header("Bearer " + expired.secret()));
        bad.put("revoked", header("Bearer " + revoked.secret()));
        bad.put("SQL", header("Bearer ' OR '1'='1"));
        bad.put("unsigned JWT", header("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."));
        bad.put("long text", header("Bearer " + "x".repeat(4000)));
        assertThat(bad).hasSizeGreaterThanOrEqualTo(20);
        Map<String, String> special =
                Map.of("none", "TOKEN_MISSING", "expired", "TOKEN_EXPIRED", "revoked", "TOKEN_REVOKED");
        bad.forEach((name, headers) -> {
            Status status = list(headers);
            assertThat(status.getCode()).as(name).isEqualTo(io.grpc.Status.Code.UNAUTHENTICATED.value());
            assertThat(reason(status)).as(name).isEqualTo(special.getOrDefault(name, "TOKEN_INVALID"));
            assertThat(status.toString()).as(name).doesNotContain(secret, secret.substring(8));
        });
        as(good).listJobs(ListJobsRequest.getDefaultInstance());
        Metadata lower = header("bearer " + secret);
        test.jobs
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(lower))
                .listJobs(ListJobsRequest.getDefaultInstance());
    }

    @Test
    void probesNeedNoTokenButABadOneIsToldSo() {
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(test.channel);
        health.check(HealthCheckRequest.getDefaultInstance());
        assertThat(reason(refused(() ->
                        health.withInterceptors(Bearer.of("none")).check(HealthCheckRequest.getDefaultInstance()))))
                .isEqualTo("TOKEN_INVALID");
    }

    @Test
    void aRevokedTokenEndsTheStreamsThatItOpened() throws Exception {
        NewToken watcher = make(Role.VIEWER, Duration.ofDays(1));
        NewToken other = make(Role.SUBMITTER, Duration.ofDays(1));
        as(other).createJob(TestServer.request("job-a", SpecFixtures.evaluate()));
        Iterator<JobEvent> watch = watch(watcher);
        Iterator<JobEvent> kept = watch(other);
        watch.next();
        kept.next();
        assertThat(test.server.openWatches()).isEqualTo(2);
        file.revoke(watcher.token().id());
        tokens.refresh();
        Status status = refused(() -> watch.forEachRemaining(event -> {}));
        assertThat(status.getCode()).isEqualTo(io.grpc.Status.Code.UNAUTHENTICATED.value());
        Awaitility.await().until(() -> test.server.openWatches() == 1);
        as(other).createJob(TestServer.request("job-b", SpecFixtures.evaluate()));
    }

    private Iterator<JobEvent> watch(NewToken token) {
        return as(token)
                .withDeadlineAfter(2, TimeUnit.MINUTES)
                .watchJob(WatchJobRequest.newBuilder()
                        .setName(TestServer.name("job-a"))
                        .build());
    }

    @Test
    void aHundredCallsAtOnceForEachTokenThenTheWaitIsTold() throws Exception {
        NewToken one = make(Role.VIEWER, Duration.ofDays(1));
        NewToken two = make(Role.VIEWER, Duration.ofDays(1));
        assertThat(allowed(() -> as(one).listJobs(ListJobsRequest.getDefaultInstance()), 120))
                .isEqualTo(100);
        as(two).listJobs(ListJobsRequest.getDefaultInstance());
        Status status = refused(() -> as(one).listJobs(ListJobsRequest.getDefaultInstance()));
        assertThat(status.getCode()).isEqualTo(io.grpc.Status.Code.RESOURCE_EXHAUSTED.value());
        assertThat(reason(status)).isEqualTo("RATE_LIMITED");
        assertThat(detail(status, RetryInfo.class).getRetryDelay().getNanos()).isEqualTo(20_000_000);
        nanos.addAndGet(20_000_000);
        as(one).listJobs(ListJobsRequest.getDefaultInstance());
    }

    @Test
    void twentyNewJobsAtOnceForEachToken() throws Exception {
        NewToken one = make(Role.SUBMITTER, Duration.ofDays(1));
        var request = TestServer.request("", SpecFixtures.evaluate()).toBuilder()
                .setValidateOnly(true)
                .build();
        assertThat(allowed(() -> as(one).createJob(request), 30)).isEqualTo(20);
        as(one).listJobs(ListJobsRequest.getDefaultInstance());
    }

    @Test
    void thirtyTwoStreamsForEachToken() throws Exception {
        NewToken one = make(Role.VIEWER, Duration.ofDays(1));
        NewToken two = make(Role.SUBMITTER, Duration.ofDays(1));
        as(two).createJob(TestServer.request("job-a", SpecFixtures.evaluate()));
        List<Iterator<JobEvent>> open = new ArrayList<>();
        try (io.grpc.Context.CancellableContext all = io.grpc.Context.current().withCancellation()) {
            all.run(() -> {
                for (int i = 0; i < RateLimits.STREAMS; i++) {
                    Iterator<JobEvent> watch = watch(one);
                    watch.next();
                    open.add(watch);
                }
            });
            assertThat(reason(refused(() -> watch(one).next()))).isEqualTo("TOO_MANY_STREAMS");
            watch(two).next();
        }
        Awaitility.await().until(() -> test.server.openWatches() == 1);
        assertThat(watch(one).next().getSequence()).isEqualTo(1);
    }

    private static int allowed(Runnable call, int times) {
        int allowed = 0;
        for (int i = 0; i < times; i++) {
            try {
                call.run();
                allowed++;
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(io.grpc.Status.Code.RESOURCE_EXHAUSTED);
            }
        }
        return allowed;
    }
}
