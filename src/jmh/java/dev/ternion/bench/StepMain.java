package dev.ternion.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.training.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * One case of {@code bin/ternion bench step --device cpu} in a process of its own, so that peak_mib is that of the process,
 * as the peer's. Arguments: minilm|base BATCH LENGTH THREADS REPEATS [fp32|bf16]. Exit status 1 when the loss does not fall.
 */
final class StepMain {
    private StepMain() {}

    public static void main(String[] args) throws Exception {
        try (Device device = Backends.open("cpu", Integer.parseInt(args[3]))) {
            Map<String, Object> row = StepBench.run(
                    device,
                    args[0],
                    Integer.parseInt(args[1]),
                    Integer.parseInt(args[2]),
                    Integer.parseInt(args[4]),
                    Precision.valueOf(args.length > 5 ? args[5].toUpperCase(Locale.ROOT) : "FP32"));
            row.put("peak_mib", processPeakMib());
            System.out.println(new ObjectMapper().writeValueAsString(row).replace(":", ": "));
            System.exit((double) row.get("loss_last") < (double) row.get("loss_first") ? 0 : 1);
        }
    }

    private static double processPeakMib() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        throw new IllegalStateException("no VmHWM in /proc/self/status");
    }
}
