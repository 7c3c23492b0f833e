package dev.ternion.server;

import static dev.ternion.server.TestServer.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import org.junit.jupiter.api.Test;

class AdmissionInterceptorTest {
    @Test
    void aStoppingServerIsDraining() {
        assertRefused(new AdmissionInterceptor(() -> true, 10), "DRAINING");
    }

    private static void assertRefused(AdmissionInterceptor interceptor, String reason) {
        assertThatThrownBy(() -> interceptor.interceptCall(null, new Metadata(), null))
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(reason(refusal.status())).isEqualTo(reason));
    }
}
