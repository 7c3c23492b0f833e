package dev.ternion.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.api.v1.Arm;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.QatSpec;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and tokens are found, and nothing else is. */
class SecretsTest {
    static Stream<String> tokens() {
        return SecretShapes.all().stream();
    }

    @Test
    void thereAreThirtyShapes() {
        assertThat(tokens().distinct()).hasSizeGreaterThanOrEqualTo(30);
    }

    @ParameterizedTest
    @MethodSource("tokens")
    void redact_leavesThemOut(String token) {
        SecretShapes.assertGone(Secrets.redact("is \"" + token + "\", wanted a name"), token);
        assertThat(Secrets.redact("is \"" + token + "\", wanted a name"))
                .startsWith("is \"")
                .endsWith(", wanted a name");
    }

    @ParameterizedTest
    @MethodSource("tokens")
    void requests_thatHoldOneAreRefused(String token) {
        CreateJobRequest named = CreateJobRequest.newBuilder()
                .setJob(Job.newBuilder().setDisplayName("run with " + token))
                .build();
        CreateJobRequest deep = CreateJobRequest.newBuilder()
                .setJob(Job.newBuilder()
                        .setSpec(JobSpec.newBuilder()
                                .setQat(QatSpec.newBuilder()
                                        .addArms(Arm.newBuilder().setName(token)))))
                .build();
        assertThat(Secrets.in(named)).extracting(Violation::path).containsExactly("job.display_name");
        assertThat(Secrets.in(deep)).extracting(Violation::path).containsExactly("job.spec.qat.arms.name");
        assertThat(Secrets.in(deep).get(0).message()).doesNotContain(token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "two arms, ti-g at 1e-3",
                "projects/default/jobs/job-20261127-0001",
                "tokenizer: wordpiece",
                "token: [CLS]",
                "sk-learn baseline",
                "hf_model",
                "all-MiniLM-L6-v2",
                "0a9f0a9f-0a9f-0a9f-0a9f-0a9f0a9f0a9f",
                "basic run of the week",
                "saw SHA-256 0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f0a9f",
                "http://localhost:8080/a",
                "encoder.layer.11.attention.self.query.weight",
                "BF16 against F32: secret sauce"
            })
    void otherTexts_stay(String text) {
        assertThat(Secrets.redact(text)).isEqualTo(text);
        assertThat(Secrets.in(CreateJobRequest.newBuilder().setJobId(text).build()))
                .isEmpty();
    }

    @Test
    void noTextTakesLong() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean(); // other tests run beside this one
        for (String piece :
                List.of("eyJ", "a", "-----BEGIN ", "eyJaaaaaaaa.", "sk-", "://a:", "token=", "1234567890:AA", "M")) {
            String text = piece.repeat(100_000 / piece.length());
            long start = threads.getCurrentThreadCpuTime();
            Secrets.redact(text);
            assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - start))
                    .as(piece)
                    .isLessThan(Duration.ofSeconds(2));
        }
    }
}
