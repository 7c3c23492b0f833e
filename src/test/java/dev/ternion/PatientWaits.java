package dev.ternion;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.Extension;

/**
 * All tests wait a minute for what they await, unless they say otherwise: processes that start on a busy machine take many times as long as
 * on an idle one. JUnit finds this by itself; a test that hangs is ended by the time limit of all tests.
 */
public final class PatientWaits implements Extension {
    /** As JUnit makes it. */
    public PatientWaits() {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
    }
}
