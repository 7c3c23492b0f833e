package dev.ternion.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.backend.NativeErrors;
import dev.ternion.intervention.Site;
import dev.ternion.quant.QuantSpec;
import dev.ternion.tensor.Tape;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A pass that runs out of its budget, wherever that is, leaves no memory behind. Every budget is just enough for the
 * allocation that failed before, so the failure visits each one in turn.
 */
class OutOfMemoryTest {
    private static final Pattern NEEDS = Pattern.compile("needs (\\d+) bytes, has (-?\\d+) of (\\d+)");

    @ParameterizedTest
    @CsvSource({", true", "MAP, true", "CONTEXT, true", "OUTPUT, true", ", false"})
    void leavesNothingBehind(Site site, boolean quantized) {
        try (Device device = Backends.open("cpu", 1);
                TinyBert tiny = new TinyBert(device, quantized ? QuantSpec.ternary() : null, 9)) {
            tiny.train(site, Losses.ALL);
            TreeMap<String, Long> leaks = new TreeMap<>();
            int forward = failures(tiny, site, true, leaks), backward = failures(tiny, site, false, leaks);
            assertThat(forward).isGreaterThan(50);
            assertThat(backward).isGreaterThan(3);
            assertThat(leaks).as("bytes left behind by place").isEmpty();
        }
    }

    /** Raises the budget, from the start or from the start of the backward pass, until the step succeeds. */
    private static int failures(TinyBert tiny, Site site, boolean fromStart, TreeMap<String, Long> leaks) {
        int failures = 0;
        for (long spare = 1; ; failures++) {
            tiny.device.ops().set_limit(0);
            tiny.student.parameters().clearGrads();
            long before = tiny.device.ops().bytes_in_use();
            RuntimeException failure = step(tiny, site, fromStart, spare);
            tiny.device.ops().set_limit(0);
            tiny.student.parameters().clearGrads();
            long left = tiny.device.ops().bytes_in_use() - before;
            if (left != 0) {
                leaks.merge(failure == null ? "success" : place(failure), left, Math::max);
            }
            if (failure == null) {
                return failures;
            }
            Matcher needs = NEEDS.matcher(failure.getMessage());
            assertThat(needs.find()).as(failure.getMessage()).isTrue();
            spare += Long.parseLong(needs.group(1)) - Long.parseLong(needs.group(2));
        }
    }

    /** What went wrong; operations allocate too, inside the native library. */
    private static RuntimeException step(TinyBert tiny, Site site, boolean fromStart, long spare) {
        try (Tape outer = Tape.off(tiny.device);
                Tape tape = Tape.on(tiny.device)) {
            if (fromStart) {
                limit(tiny.device, spare);
            }
            Trace teacher = tiny.teach(outer);
            Losses.ALL.record(tape, tiny.batch.layout(), tiny.learn(tape, teacher, site), teacher);
            if (!fromStart) {
                limit(tiny.device, spare);
            }
            tape.backward();
            return null;
        } catch (RuntimeException e) {
            if (e instanceof Device.OutOfDeviceMemory || NativeErrors.isOutOfMemory(e)) {
                return e;
            }
            throw e;
        }
    }

    private static void limit(Device device, long spare) {
        device.ops().set_limit(device.ops().bytes_in_use() + spare);
    }

    /** The first caller outside memory management. */
    private static String place(Exception e) {
        for (StackTraceElement frame : e.getStackTrace()) {
            String name = frame.getFileName();
            if (name != null && !name.matches("(Device|Tape|Native.*|Backends)\\.java")) {
                return name + ":" + frame.getLineNumber();
            }
        }
        return "?";
    }
}
